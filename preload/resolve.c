#include "resolve.h"

#include <dlfcn.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "depth.h"
#include "message.h"
#include "options.h"

void *_Atomic gp_real[GP_REAL_COUNT];

static const struct {
    const char *name;
    enum gp_library library;
} queries[GP_QUERY_COUNT] = {
#define GP_QUERY(library, name) {#name, GP_LIBRARY_##library},
#include "queries.def"
#undef GP_QUERY
};

/* The bounds of this library in memory, made by the linker. */
extern const char __ehdr_start[] __attribute__((visibility("hidden")));
extern const char _end[] __attribute__((visibility("hidden")));

static bool is_ours(const void *address)
{
    return (uintptr_t)address >= (uintptr_t)__ehdr_start && (uintptr_t)address < (uintptr_t)_end;
}

#define CANDIDATES_MAX 4
#define PATH_BYTES_MAX 1024 /* they stand on the stack of a thread of the program */

struct candidates {
    const char *prefix; /* "libcudart" */
    unsigned n;
    char paths[CANDIDATES_MAX][PATH_BYTES_MAX];
};

/* Keeps the path of a loaded library whose file is named PREFIX.so... */
static int collect(struct dl_phdr_info *info, size_t size, void *data)
{
    struct candidates *found = data;
    const char *path = info->dlpi_name ? info->dlpi_name : "";
    const char *slash = strrchr(path, '/');
    const char *file = slash ? slash + 1 : "";
    const size_t length = strlen(found->prefix);
    (void)size;
    /* Opening ourselves before our constructor has run would run it there and then. */
    if (info->dlpi_addr == (uintptr_t)__ehdr_start)
        return 0;
    /* libcudart-9f1a2b.so.13: the name that wheels give a bundled copy. */
    if (found->n < CANDIDATES_MAX && strncmp(file, found->prefix, length) == 0 &&
        (strncmp(file + length, ".so", 3) == 0 || file[length] == '-') &&
        strlen(path) < PATH_BYTES_MAX)
        memcpy(found->paths[found->n++], path, strlen(path) + 1);
    return 0;
}

/*
 * The function in a library that was loaded RTLD_LOCAL (Python's way): RTLD_NEXT does not see it.
 * The names are collected first and looked up after, for the loader's lock is held while it lists.
 * The handle is kept: a library whose functions we call must stay.
 */
static void *find_in_local(const char *name, enum gp_library library)
{
    struct candidates found = {.prefix = gp_library_names[library]};
    dl_iterate_phdr(collect, &found);
    for (unsigned i = 0; i < found.n; i++) {
        void *handle = dlopen(found.paths[i], RTLD_NOLOAD | RTLD_LAZY);
        void *address = handle ? dlsym(handle, name) : NULL;
        if (address && !is_ours(address))
            return address;
        if (handle)
            dlclose(handle);
    }
    return NULL;
}

/* With GRAPHPROF_VERBOSE=2: which file the calls go to. */
static void tell(const void *address, enum gp_library library)
{
    static atomic_bool told[GP_LIBRARY_COUNT];
    Dl_info info;
    if (gp_options()->verbose >= 2 && !atomic_exchange(&told[library], true) &&
        dladdr(address, &info) && info.dli_fname)
        gp_message("%s: calls go to '%s'", gp_library_names[library], info.dli_fname);
}

/* A library that the program loaded itself, and may close again, must stay once we call into it. */
static void keep_library_of(void *address)
{
    Dl_info info;
    if (dladdr(address, &info) && info.dli_fname)
        dlopen(info.dli_fname, RTLD_NOLOAD | RTLD_LAZY);
}

void *gp_resolve_slow(unsigned index)
{
    const char *name;
    enum gp_library library;
    if (index < GP_API_COUNT) {
        name = gp_api_rows[index].symbol;
        library = gp_api_rows[index].library;
    } else {
        name = queries[index - GP_API_COUNT].name;
        library = queries[index - GP_API_COUNT].library;
    }
    gp_depth++; /* what the loader calls is not the program's */
    void *address = dlsym(RTLD_NEXT, name);
    if (!address || is_ours(address))
        address = find_in_local(name, library);
    else
        keep_library_of(address);
    if (!address)
        dlerror(); /* the program must not find our failure in its own next dlerror */
    if (address) {
        tell(address, library);
        atomic_store_explicit(&gp_real[index], address, memory_order_release);
    }
    gp_depth--;
    return address;
}

void *gp_resolve_open(const char *file, bool load)
{
    gp_depth++;
    void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL | (load ? 0 : RTLD_NOLOAD));
    if (!library)
        dlerror();
    gp_depth--;
    return library;
}

void *gp_resolve_in(void *library, const char *name)
{
    void *address = dlsym(library, name);
    if (!address)
        dlerror();
    return address;
}

const char *gp_own_path(void)
{
    Dl_info info;
    return dladdr(__ehdr_start, &info) && info.dli_fname ? info.dli_fname : NULL;
}

void *gp_resolve_in_other_copy(const char *name)
{
    struct candidates found = {.prefix = "libgraphprof"};
    dl_iterate_phdr(collect, &found);
    for (unsigned i = 0; i < found.n; i++) {
        void *handle = gp_resolve_open(found.paths[i], false);
        const atomic_bool *began =
            handle ? gp_resolve_in(handle, "graphprof_recorder_began") : NULL;
        if (began && !is_ours(began) && atomic_load(began))
            return gp_resolve_in(handle, name);
    }
    return NULL;
}
