/*
 * The functions of own_ranges.h as CPython calls its own: with objects, and nothing in between. A
 * module of a network costs some four of them, and through ctypes most of that is ctypes. Python
 * makes function objects of the table below and says where those few of its own functions are that
 * are needed here (python/graphprof_torch/recorder.py); all of that is in its stable ABI, so that
 * nothing of Python is needed to build this or to load it. Any thread that holds Python's lock.
 */
#include <stddef.h>

#include "own_ranges.h"

struct object; /* Python's */

/* PyMethodDef, and its flags: one argument; none; an array of them. */
typedef struct object *python_method(struct object *self, struct object *argument);
struct method {
    const char *name;
    python_method *call;
    int flags;
    const char *doc;
};
enum {
    METH_NOARGS = 4,
    METH_O = 8,
    METH_FASTCALL = 128
};

GP_EXPORT void graphprof_python_connect(const char *(*bytes)(struct object *),
                                        struct object *(*from_number)(unsigned long long),
                                        unsigned long long (*as_number)(struct object *));
GP_EXPORT extern const struct method graphprof_python_methods[];

static const char *(*text_of)(struct object *);          /* PyBytes_AsString */
static struct object *(*object_of)(unsigned long long);  /* PyLong_FromUnsignedLongLong */
static unsigned long long (*number_of)(struct object *); /* PyLong_AsUnsignedLongLong */

void graphprof_python_connect(const char *(*bytes)(struct object *),
                              struct object *(*from_number)(unsigned long long),
                              unsigned long long (*as_number)(struct object *))
{
    text_of = bytes;
    object_of = from_number;
    number_of = as_number;
}

/* What has nothing to say gives back 0. What is given the wrong object has told Python so in asking
   for its value, which Python raises then. */

static struct object *name(struct object *self, struct object *bytes)
{
    (void)self;
    const char *text = text_of(bytes);
    return text ? object_of(graphprof_name(text)) : NULL;
}

static struct object *mark(struct object *self, struct object *bytes)
{
    (void)self;
    const char *text = text_of(bytes);
    if (!text)
        return NULL;
    graphprof_mark(text);
    return object_of(0);
}

static struct object *in_detail(struct object *self, struct object *none)
{
    (void)self, (void)none;
    return object_of(graphprof_in_detail());
}

static struct object *push(struct object *self, struct object *of)
{
    (void)self;
    graphprof_range_push(number_of(of));
    return object_of(0);
}

static struct object *pop(struct object *self, struct object *none)
{
    (void)self, (void)none;
    graphprof_range_pop();
    return object_of(0);
}

static struct object *next(struct object *self, struct object *of)
{
    (void)self;
    graphprof_range_next(number_of(of));
    return object_of(0);
}

static struct object *end(struct object *self, struct object *range)
{
    (void)self;
    graphprof_range_end(number_of(range));
    return object_of(0);
}

/* follow(range before or 0, name) */
static struct object *follow(struct object *self, struct object *const *given, ptrdiff_t n)
{
    (void)self;
    return n == 2 ? object_of(graphprof_range_follow(number_of(given[0]), number_of(given[1])))
                  : NULL;
}

/* For good: the function objects refer to it. */
const struct method graphprof_python_methods[] = {
    {"name", name, METH_O, NULL},
    {"push", push, METH_O, NULL},
    {"pop", pop, METH_NOARGS, NULL},
    {"next", next, METH_O, NULL},
    {"end", end, METH_O, NULL},
    {"mark", mark, METH_O, NULL},
    {"in_detail", in_detail, METH_NOARGS, NULL},
    {"follow", (python_method *)(void (*)(void))follow, METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};
