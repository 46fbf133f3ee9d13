/*
 * The file of a capture: created, grown, mapped and closed here and nowhere else. What stands in it
 * is graphprof/capture_format.h's; the writer knows the file header alone.
 *
 * Space is handed out by one atomic addition, which is the total order of the records. A record's
 * head is stored last (gp_writer_commit). Blocks of the disk are reserved before a page over them
 * is touched, so a full disk is an error here and not a signal at a store.
 */
#ifndef GRAPHPROF_CAPTURE_WRITER_H
#define GRAPHPROF_CAPTURE_WRITER_H

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "graphprof/capture_format.h"

struct gp_writer {
    unsigned char *base;     /* stable: the file's first byte in memory */
    uint64_t space_bytes;    /* addresses set aside at base */
    _Atomic uint64_t used;   /* bytes handed out, the header's included */
    _Atomic uint64_t mapped; /* bytes of the file that may be written */
    _Atomic uint64_t records;
    _Atomic uintptr_t freezer; /* the thread that froze `used` last */
    pthread_mutex_t growing;
    uint64_t let_go; /* pages below are not kept in memory; under `growing` */
    int fd;
    dev_t device; /* of the file: the program may close our descriptor and have it reused */
    ino_t inode;
    char path[PATH_MAX];
};

/*
 * Creates FOLDER and in it the capture, under another name if a process that is alive writes there
 * already. 0, or an errno value with nothing left open.
 */
int gp_writer_open(struct gp_writer *writer, const char *folder);
/* The same, with a name of the caller's for the file. */
int gp_writer_open_as(struct gp_writer *writer, const char *folder, const char *file);

/*
 * Room for a record of `words` words, its head (word 0) being zero; NULL if there is none (disk
 * full, closed), which is counted in the header as an event lost. Any thread.
 */
uint64_t *gp_writer_reserve(struct gp_writer *writer, unsigned words);

/* Makes the record whole: its other words are written before its head. */
// NOLINTNEXTLINE(readability-non-const-parameter): clang-tidy 14 takes an atomic store for none
static inline void gp_writer_commit(uint64_t *record, uint64_t head)
{
    atomic_store_explicit((_Atomic uint64_t *)record, head, memory_order_release);
}

static inline struct gp_capture_header *gp_writer_header(struct gp_writer *writer)
{
    return (struct gp_capture_header *)writer->base;
}

/* Bytes handed out; more than any file has where it is closed or frozen. */
static inline uint64_t gp_writer_used(struct gp_writer *writer)
{
    return atomic_load_explicit(&writer->used, memory_order_relaxed);
}

/* Grows the file ahead of need if little room is left, so that it is done now and not in the middle
 * of something that is timed. Any thread. */
void gp_writer_make_ready(struct gp_writer *writer);

/*
 * Until thaw nobody gets room: who asks for it waits. *used is the end of what was handed out,
 * which need not be written yet. False if the file is closed or full. One thread at a time, which
 * does nothing in between that could wait for another.
 */
bool gp_writer_freeze(struct gp_writer *writer, uint64_t *used);
/* From `used` on room is handed out again; what lies behind is zero. */
void gp_writer_thaw(struct gp_writer *writer, uint64_t used);

/* Pages before `end` leave this process' memory; they return where they are looked at. */
void gp_writer_let_go(struct gp_writer *writer, uint64_t end);

/* Counts an event that could not be written. */
void gp_writer_lose(struct gp_writer *writer);

/* Hands out no more room, sets the flag `closed`, cuts the file to its length. The mapping stays:
   another thread may be in the middle of a record. */
void gp_writer_close(struct gp_writer *writer);

/* In a child after fork: gives the file up; what the child still writes goes nowhere. */
void gp_writer_abandon(struct gp_writer *writer);

#endif
