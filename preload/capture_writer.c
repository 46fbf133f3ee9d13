#include "capture_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Address space is set aside once so that the mapping never moves; less is asked for where a limit
   forbids it. It costs no memory. */
#define SPACE_MOST  (UINT64_C(1) << 40)
#define SPACE_LEAST (UINT64_C(1) << 24)

#define FIRST_BYTES  (UINT64_C(1) << 20)
#define GROWTH_BYTES (UINT64_C(4) << 20)
#define LOWEST_FD    100 /* out of the way of programs that count on low numbers */

#define GROWING_PATIENCE_S 10
#define CLOSING_PATIENCE_S 1

/* Added to `used` by close: whatever is asked for afterwards lies beyond every file. */
#define CLOSED_OFFSET (UINT64_C(1) << 62)
/* Set in `used` by freeze: what was asked for since is asked for again behind the thaw. */
#define FROZEN_OFFSET (UINT64_C(1) << 61)

#define THAW_PATIENCE_NS UINT64_C(10000000000)
#define THAW_YIELDS      100 /* before sleeping in between */

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

static int make_folders(const char *folder)
{
    char path[PATH_MAX];
    if (strlen(folder) >= sizeof path)
        return ENAMETOOLONG;
    memcpy(path, folder, strlen(folder) + 1);
    for (char *p = path + 1; *p; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        if (mkdir(path, 0777) != 0 && errno != EEXIST)
            return errno;
        *p = '/';
    }
    return mkdir(path, 0777) == 0 || errno == EEXIST ? 0 : errno;
}

/* Opens the file, on a high number. 0 or an errno value. */
static int open_high(struct gp_writer *writer, int more_flags)
{
    int fd = open(writer->path, O_RDWR | O_CLOEXEC | more_flags, 0666);
    if (fd < 0)
        return errno;
    int moved = fcntl(fd, F_DUPFD_CLOEXEC, LOWEST_FD);
    if (moved < 0)
        moved = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    const int error = errno;
    close(fd);
    writer->fd = moved;
    return moved < 0 ? error : 0;
}

/* Opens and locks the file. EWOULDBLOCK: a live process has it. */
static int open_locked(struct gp_writer *writer)
{
    const int error = open_high(writer, O_CREAT);
    if (error)
        return error;
    /* A file system without locks (some network mounts) is used without. */
    if (flock(writer->fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        close(writer->fd);
        writer->fd = -1;
        return EWOULDBLOCK;
    }
    return 0;
}

static bool set_path(struct gp_writer *writer, const char *folder, const char *file)
{
    return snprintf(writer->path, sizeof writer->path, "%s/%s", folder, file) <
           (int)sizeof writer->path;
}

static int open_file(struct gp_writer *writer, const char *folder, const char *file)
{
    char own_name[64];
    int error = make_folders(folder);
    if (error)
        return error;
    if (!set_path(writer, folder, file))
        return ENAMETOOLONG;
    error = open_locked(writer);
    if (error == EWOULDBLOCK) {
        snprintf(own_name, sizeof own_name, "capture.%ld.gpcap", (long)getpid());
        if (!set_path(writer, folder, own_name))
            return ENAMETOOLONG;
        error = open_locked(writer);
    }
    if (error)
        return error;
    struct stat status;
    if (ftruncate(writer->fd, 0) != 0 || fstat(writer->fd, &status) != 0)
        return errno;
    writer->device = status.st_dev;
    writer->inode = status.st_ino;
    return 0;
}

static int set_space_aside(struct gp_writer *writer)
{
    for (uint64_t bytes = SPACE_MOST; bytes >= SPACE_LEAST; bytes /= 4) {
        void *base =
            mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (base != MAP_FAILED) {
            writer->base = base;
            writer->space_bytes = bytes;
            return 0;
        }
    }
    return ENOMEM;
}

/* The program may have closed our descriptor, and may have another file under its number. */
static bool fd_is_ours(const struct gp_writer *writer)
{
    struct stat status;
    return writer->fd >= 0 && fstat(writer->fd, &status) == 0 && status.st_dev == writer->device &&
           status.st_ino == writer->inode;
}

static void close_ours(struct gp_writer *writer)
{
    if (fd_is_ours(writer))
        close(writer->fd);
    writer->fd = -1;
}

/* Opens the file again if need be. Its lock needs no renewal: the mapping holds it. */
static bool have_fd(struct gp_writer *writer)
{
    if (fd_is_ours(writer))
        return true;
    if (open_high(writer, 0) != 0)
        return false;
    if (fd_is_ours(writer))
        return true;
    close(writer->fd); /* something else has the path */
    writer->fd = -1;
    return false;
}

void gp_writer_let_go(struct gp_writer *writer, uint64_t end)
{
    madvise(writer->base, end & ~(FIRST_BYTES - 1), MADV_DONTNEED);
}

/* Adds `bytes` to the file and maps them. 0 or an errno value. Under `growing`, or before threads.
 */
static int grow(struct gp_writer *writer, uint64_t bytes)
{
    const uint64_t mapped = atomic_load_explicit(&writer->mapped, memory_order_relaxed);
    struct rlimit limit;
    int error;

    if (mapped + bytes > writer->space_bytes)
        return ENOMEM;
    /* Beyond the limit the kernel would send SIGXFSZ. */
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
        mapped + bytes > limit.rlim_cur)
        return EFBIG;
    if (!have_fd(writer))
        return EBADF;
    do
        error = posix_fallocate(writer->fd, (off_t)mapped, (off_t)bytes);
    while (error == EINTR);
    if (error) {
        /* What was got of it goes back; if that fails there is nothing better to do. */
        if (ftruncate(writer->fd, (off_t)mapped) != 0)
            return error;
        return error;
    }
    void *at = writer->base + mapped;
    if (mmap(at, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, writer->fd,
             (off_t)mapped) == MAP_FAILED)
        return errno;
    madvise(at, bytes, MADV_POPULATE_WRITE); /* faults now rather than in a timed range */
    atomic_store_explicit(&writer->mapped, mapped + bytes, memory_order_release);
    /* What lies behind is the page cache's, which keeps it. */
    if (mapped > writer->let_go + 2 * GROWTH_BYTES) {
        const uint64_t end = (mapped - GROWTH_BYTES) & ~(GROWTH_BYTES - 1);
        madvise(writer->base + writer->let_go, end - writer->let_go, MADV_DONTNEED);
        writer->let_go = end;
    }
    return 0;
}

static uint64_t nanoseconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

int gp_writer_open(struct gp_writer *writer, const char *folder)
{
    return gp_writer_open_as(writer, folder, GP_CAPTURE_FILE_NAME);
}

int gp_writer_open_as(struct gp_writer *writer, const char *folder, const char *file)
{
    memset(writer, 0, sizeof *writer);
    writer->fd = -1;
    pthread_mutex_init(&writer->growing, NULL);
    int error = set_space_aside(writer);
    if (error)
        return error;
    error = open_file(writer, folder, file);
    if (!error)
        error = grow(writer, FIRST_BYTES);
    if (error) {
        if (writer->fd >= 0)
            close(writer->fd);
        munmap(writer->base, writer->space_bytes);
        return error;
    }
    struct gp_capture_header *header = gp_writer_header(writer);
    header->version = GP_CAPTURE_VERSION;
    header->header_bytes = sizeof *header;
    header->pid = (uint32_t)getpid();
    header->start_realtime_ns = nanoseconds(CLOCK_REALTIME);
    header->start_monotonic_ns = nanoseconds(CLOCK_MONOTONIC);
    atomic_thread_fence(memory_order_release);
    memcpy(header->magic, GP_CAPTURE_MAGIC, sizeof header->magic);
    atomic_store_explicit(&writer->used, sizeof *header, memory_order_release);
    return 0;
}

static void set_flag(struct gp_writer *writer, uint32_t flag)
{
    atomic_fetch_or_explicit((_Atomic uint32_t *)&gp_writer_header(writer)->flags, flag,
                             memory_order_relaxed);
}

static bool has_flag(struct gp_writer *writer, uint32_t flags)
{
    return atomic_load_explicit((_Atomic uint32_t *)&gp_writer_header(writer)->flags,
                                memory_order_relaxed) &
           flags;
}

void gp_writer_lose(struct gp_writer *writer)
{
    atomic_fetch_add_explicit((_Atomic uint64_t *)&gp_writer_header(writer)->events_lost, 1,
                              memory_order_relaxed);
}

/* False if the lock cannot be had: its holder was interrupted by a signal handler that calls exit,
   and waits for us. */
static bool lock_growing(struct gp_writer *writer, time_t seconds)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += seconds;
    return pthread_mutex_timedlock(&writer->growing, &until) == 0;
}

/* Maps the file up to `end`. False if that cannot be: if it is needed, recording is over then, for
   what was lost could be anything and later records would not make sense without it. */
static bool make_room(struct gp_writer *writer, uint64_t end, bool needed)
{
    int error = 0;
    if (end >= FROZEN_OFFSET || has_flag(writer, GP_CAPTURE_TRUNCATED))
        return false;
    if (!lock_growing(writer, GROWING_PATIENCE_S))
        return false;
    while (!error && atomic_load_explicit(&writer->mapped, memory_order_relaxed) < end) {
        if (has_flag(writer, GP_CAPTURE_TRUNCATED | GP_CAPTURE_CLOSED))
            error = ENOSPC;
        else if ((error = grow(writer, GROWTH_BYTES)) != 0 && needed)
            set_flag(writer, GP_CAPTURE_TRUNCATED);
    }
    pthread_mutex_unlock(&writer->growing);
    return !error;
}

void gp_writer_make_ready(struct gp_writer *writer)
{
    const uint64_t used = atomic_load_explicit(&writer->used, memory_order_relaxed);
    if (used < FROZEN_OFFSET &&
        used + GROWTH_BYTES / 2 > atomic_load_explicit(&writer->mapped, memory_order_relaxed))
        make_room(writer, used + GROWTH_BYTES / 2, false);
}

/* False if the file is closed, or if waiting makes no sense: a signal handler that calls exit has
   interrupted the thread that froze it. */
static bool wait_for_thaw(struct gp_writer *writer)
{
    const struct timespec nap = {0, 50000};
    const uint64_t begin = nanoseconds(CLOCK_MONOTONIC);
    for (unsigned i = 0;; i++) {
        const uint64_t used = atomic_load_explicit(&writer->used, memory_order_acquire);
        if (used < FROZEN_OFFSET)
            return true;
        if (used >= CLOSED_OFFSET ||
            atomic_load_explicit(&writer->freezer, memory_order_relaxed) ==
                (uintptr_t)pthread_self() ||
            nanoseconds(CLOCK_MONOTONIC) - begin > THAW_PATIENCE_NS)
            return false;
        if (i < THAW_YIELDS)
            sched_yield();
        else
            nanosleep(&nap, NULL);
    }
}

bool gp_writer_freeze(struct gp_writer *writer, uint64_t *used)
{
    *used = atomic_load_explicit(&writer->used, memory_order_relaxed);
    atomic_store_explicit(&writer->freezer, (uintptr_t)pthread_self(), memory_order_relaxed);
    do
        if (*used >= FROZEN_OFFSET || has_flag(writer, GP_CAPTURE_TRUNCATED | GP_CAPTURE_CLOSED))
            return false;
    while (!atomic_compare_exchange_weak_explicit(&writer->used, used, *used | FROZEN_OFFSET,
                                                  memory_order_acq_rel, memory_order_relaxed));
    return true;
}

void gp_writer_thaw(struct gp_writer *writer, uint64_t used)
{
    uint64_t now = atomic_load_explicit(&writer->used, memory_order_relaxed);
    while (now < CLOSED_OFFSET &&
           !atomic_compare_exchange_weak_explicit(&writer->used, &now, used, memory_order_release,
                                                  memory_order_relaxed))
        ;
}

uint64_t *gp_writer_reserve(struct gp_writer *writer, unsigned words)
{
    const uint64_t bytes = (uint64_t)words * sizeof(uint64_t);
    uint64_t at;
    while ((at = atomic_fetch_add_explicit(&writer->used, bytes, memory_order_acquire)) >=
           FROZEN_OFFSET)
        if (at >= CLOSED_OFFSET || !wait_for_thaw(writer)) {
            gp_writer_lose(writer);
            return NULL;
        }
    if (at + bytes > atomic_load_explicit(&writer->mapped, memory_order_acquire) &&
        !make_room(writer, at + bytes, true)) {
        gp_writer_lose(writer);
        return NULL;
    }
    atomic_fetch_add_explicit(&writer->records, 1, memory_order_relaxed);
    return (uint64_t *)(void *)(writer->base + at);
}

void gp_writer_close(struct gp_writer *writer)
{
    const uint64_t used =
        atomic_fetch_add_explicit(&writer->used, CLOSED_OFFSET, memory_order_acq_rel);
    if (used >= CLOSED_OFFSET)
        return;
    set_flag(writer, GP_CAPTURE_CLOSED);
    /* A thread that grows the file is let finish: what it got room for lies below `used`. Without
       the lock the file keeps its zeros. */
    if (!lock_growing(writer, CLOSING_PATIENCE_S))
        return;
    const uint64_t mapped = atomic_load_explicit(&writer->mapped, memory_order_relaxed);
    if (used < mapped /* not frozen either */ && have_fd(writer) &&
        ftruncate(writer->fd, (off_t)used) == 0)
        atomic_store_explicit(&writer->mapped, used, memory_order_relaxed);
    if (fd_is_ours(writer))
        flock(writer->fd, LOCK_UN); /* the mapping would hold it for as long as the process lives */
    pthread_mutex_unlock(&writer->growing);
    close_ours(writer);
}

/* The mapping holds the file open, and so its lock, for as long as the child lives: memory of the
   child's own is put in its place. Without it the lock stays, and the next capture in the folder
   takes another name. */
void gp_writer_abandon(struct gp_writer *writer)
{
    const uint64_t mapped = atomic_load_explicit(&writer->mapped, memory_order_relaxed);
    close_ours(writer);
    (void)mmap(writer->base, mapped, PROT_READ | PROT_WRITE,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
}
