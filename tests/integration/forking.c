/*
 * A process that allocates, forks a child that allocates on, and starts another program (this one,
 * with an argument: how many bytes it allocates) by fork, vfork and posix_spawn, as data loaders
 * and launchers do.
 */
#include <cuda_runtime_api.h>
#include <nvtx3/nvToolsExt.h>
#include <spawn.h>
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

/* Programs that are executed while this one records on. */
static int start_others(char *self)
{
    char *spawned[] = {self, "334", NULL}, *vforked[] = {self, "335", NULL};
    pid_t child;
    int failed = posix_spawn(&child, self, NULL, NULL, spawned, environ) != 0 || wait_for(child);
    child = vfork(); // NOLINT(clang-analyzer-security.insecureAPI.vfork): what is tested
    if (child == 0) {
        execv(self, vforked);
        _exit(9);
    }
    return failed + wait_for(child);
}

int main(int argc, char **argv)
{
    int failed = 0;
    if (argc > 1)
        return work(strtoul(argv[1], NULL, 10));
    failed += work(111);
    pid_t child = fork();
    if (child == 0)
        _exit(work(222));
    failed += wait_for(child);
    child = fork();
    if (child == 0) {
        execl(argv[0], argv[0], "333", (char *)NULL);
        _exit(9);
    }
    failed += wait_for(child);
    failed += start_others(argv[0]);
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
