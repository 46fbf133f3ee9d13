/*
 * Closes every descriptor that it does not know, as a daemon does, and has files of its own in
 * their place (100 and up, where a tool might hide one). Then goes on, long enough for a capture to
 * need more room. Prints whether its files hold what it wrote.
 */
#include <cuda_runtime_api.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    FIRST = 3,
    LAST = 200,
    BLOCKS = 60000
};

static int work(int blocks)
{
    void *p;
    for (int i = 0; i < blocks; i++)
        if (cudaMalloc(&p, 100) != cudaSuccess || cudaFree(p) != cudaSuccess)
            return 1;
    return 0;
}

int main(void)
{
    char name[] = "/tmp/close_all.XXXXXX", back[7] = "";
    if (work(10))
        return 1;
    closefrom(FIRST);
    const int file = mkstemp(name);
    unlink(name);
    if (write(file, "intact", 6) != 6)
        return 2;
    for (int fd = file + 1; fd <= LAST; fd++)
        dup2(file, fd);
    if (work(BLOCKS))
        return 3;
    const int whole = pread(file, back, 6, 0) == 6 && strcmp(back, "intact") == 0 &&
                      lseek(file, 0, SEEK_END) == 6;
    puts(whole ? "its files are intact" : "its files were touched");
    return 0;
}
