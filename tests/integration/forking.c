/*
 * A process that allocates, forks a child that allocates on, and forks one that executes another
 * program (this one, with an argument), as data loaders and launchers do.
 */
#include <cuda_runtime_api.h>
#include <nvtx3/nvToolsExt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int work(size_t bytes)
{
    void *p;
    nvtxRangePushA("step");
    const int failed = cudaMalloc(&p, bytes) != cudaSuccess || cudaFree(p) != cudaSuccess;
    nvtxRangePop();
    return failed;
}

static int wait_for(pid_t child)
{
    int status;
    return waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

int main(int argc, char **argv)
{
    int failed = 0;
    if (argc > 1)
        return work(333);
    failed += work(111);
    pid_t child = fork();
    if (child == 0)
        _exit(work(222));
    failed += wait_for(child);
    child = fork();
    if (child == 0) {
        execl(argv[0], argv[0], "executed", (char *)NULL);
        _exit(9);
    }
    failed += wait_for(child);
    /* a child that leaves by exit(), through our destructor */
    fflush(stdout);
    child = fork();
    if (child == 0)
        return work(444);
    failed += wait_for(child);
    failed += system("true") != 0; /* a shell, which touches neither CUDA nor NVTX */
    failed += work(555);
    printf("%d failures\n", failed);
    return failed;
}
