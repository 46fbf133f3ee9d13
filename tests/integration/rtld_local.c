/*
 * A program that is not linked to libcudart and loads it for itself alone, as an interpreter loads
 * an extension: nothing of it is in the global scope, where RTLD_NEXT looks.
 */
#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    void *const plugin = argc == 2 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
    if (!plugin) {
        fprintf(stderr, "rtld_local: %s\n", dlerror());
        return 2;
    }
    int (*work)(void);
    *(void **)&work = dlsym(plugin, "plugin_work");
    const int status = work ? work() : 3;
    printf("plugin_work: %d\n", status);
    return status;
}
