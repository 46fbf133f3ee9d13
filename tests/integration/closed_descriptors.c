/*
 * Started with stdin, stdout and stderr closed: the first files that it opens get the numbers 0 to
 * 2, which others may still believe to be theirs. Writes the numbers it got into the first.
 */
#include <cuda_runtime_api.h>
#include <fcntl.h>
#include <nvtx3/nvToolsExt.h>
#include <stdio.h>
#include <unistd.h>

enum {
    FILES = 3
};

int main(int argc, char **argv)
{
    int files[FILES], failed = 0;
    void *p;
    if (argc != 1 + FILES)
        return 2;
    nvtxRangePushA("step");
    failed += cudaMalloc(&p, 1000) != cudaSuccess;
    for (int i = 0; i < FILES; i++)
        files[i] = open(argv[1 + i], O_WRONLY | O_CREAT | O_TRUNC, 0666);
    failed += cudaFree(p) != cudaSuccess || cudaFree(argv) != cudaErrorInvalidValue;
    nvtxRangePop();
    for (int i = 0; i < FILES; i++)
        dprintf(files[i], "file %d is descriptor %d, %d failures\n", i, files[i], failed);
    return failed;
}
