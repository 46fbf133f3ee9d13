#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct sg_options options = {.devices = 1, .memory_bytes = (size_t)8 << 30};
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* A decimal number; *end is left behind it. False: no digits, or too large. */
static bool read_number(const char *text, unsigned long long *value, const char **end)
{
    if (!isdigit((unsigned char)*text))
        return false;
    char *stop;
    errno = 0;
    *value = strtoull(text, &stop, 10);
    *end = stop;
    return errno == 0;
}

static bool read_bytes(const char *text, size_t *bytes)
{
    static const char suffixes[] = "KMG";
    unsigned long long value;
    const char *end;
    if (!read_number(text, &value, &end) || value == 0)
        return false;
    unsigned shift = 0;
    if (*end) {
        const char *suffix = strchr(suffixes, toupper((unsigned char)*end));
        if (!suffix || end[1])
            return false;
        shift = 10 * (unsigned)(suffix - suffixes + 1);
    }
    if (value > SIZE_MAX >> shift)
        return false;
    *bytes = (size_t)value << shift;
    return true;
}

static void refuse(const char *name, const char *value, const char *expected)
{
    fprintf(stderr, "softgpu: %s='%s': expected %s\n", name, value, expected);
    options.bad = true;
}

static void read_environment(void)
{
    unsigned long long devices;
    const char *end;
    const char *text = getenv("SOFTGPU_DEVICES");
    if (text &&
        (!read_number(text, &devices, &end) || *end || !devices || devices > SG_DEVICES_MAX))
        refuse("SOFTGPU_DEVICES", text, "a number of devices from 1 to 16");
    else if (text)
        options.devices = (int)devices;
    text = getenv("SOFTGPU_MEMORY");
    if (text && !read_bytes(text, &options.memory_bytes))
        refuse("SOFTGPU_MEMORY", text, "bytes above 0, or a number with K, M or G behind it");
    text = getenv("SOFTGPU_FAIL_ALLOC");
    if (text && (!read_number(text, &options.fail_alloc, &end) || *end || options.fail_alloc == 0))
        refuse("SOFTGPU_FAIL_ALLOC", text, "the number of an allocation, counted from 1");
    text = getenv("SOFTGPU_POISON");
    options.poison = text && strcmp(text, "yes") == 0;
    if (text && !options.poison && strcmp(text, "no") != 0)
        refuse("SOFTGPU_POISON", text, "yes or no");
}

const struct sg_options *sg_options(void)
{
    pthread_once(&once, read_environment);
    return &options;
}
