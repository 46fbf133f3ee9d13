#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture_writer.h"
#include "temporary.h"
#include "walk.h"

static struct gp_writer writer;

static void put(unsigned thread, uint64_t value)
{
    uint64_t *record = gp_writer_reserve(&writer, 2);
    if (!record)
        return;
    record[1] = value;
    gp_writer_commit(record, gp_head(GP_RECORD_TIME, 2, thread, 0));
}

static uint64_t file_size(const char *path)
{
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    return (uint64_t)status.st_size;
}

static void open_in(const char *name)
{
    char *folder = temporary_path(name);
    assert_int_equal(gp_writer_open(&writer, folder), 0);
    free(folder);
}

static void test_opens_in_new_folders(void **state)
{
    (void)state;
    open_in("a/b//c/");
    const struct gp_capture_header *header = gp_writer_header(&writer);
    assert_memory_equal(header->magic, GP_CAPTURE_MAGIC, 8);
    assert_int_equal(header->version, GP_CAPTURE_VERSION);
    assert_int_equal(header->header_bytes, sizeof *header);
    assert_int_equal(header->pid, getpid());
    assert_int_equal(header->flags, 0);
    assert_true(header->start_realtime_ns > 0 && header->start_monotonic_ns > 0);
    assert_true(writer.fd >= 100);
    assert_true(fcntl(writer.fd, F_GETFD) & FD_CLOEXEC);
    gp_writer_close(&writer);
    assert_int_equal(header->flags, GP_CAPTURE_CLOSED);
    assert_int_equal(file_size(writer.path), sizeof *header);
}

static void test_says_why_it_cannot(void **state)
{
    (void)state;
    char *file = temporary_path("file");
    close(open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
    assert_int_equal(gp_writer_open(&writer, file), ENOTDIR);
    free(file);
    char *below = temporary_path("file/folder");
    assert_int_equal(gp_writer_open(&writer, below), ENOTDIR);
    free(below);
    char longer[PATH_MAX + 10];
    memset(longer, 'x', sizeof longer - 1);
    longer[0] = '/';
    longer[sizeof longer - 1] = '\0';
    assert_int_equal(gp_writer_open(&writer, longer), ENAMETOOLONG);
}

struct seen {
    uint64_t n;
    uint64_t last[64]; /* by thread */
    bool in_order;
};
static void see(uint64_t head, const void *payload, void *data)
{
    struct seen *seen = data;
    const uint64_t value = *(const uint64_t *)payload;
    const unsigned thread = gp_head_thread(head);
    seen->n++;
    seen->in_order = seen->in_order && value == seen->last[thread] + 1;
    seen->last[thread] = value;
}

#define THREADS 16
#define RECORDS 40000 /* 16 threads: 10 MB, so the file grows three times */

static void *write_many(void *index)
{
    for (uint64_t i = 1; i <= RECORDS; i++)
        put(*(const unsigned *)index, i);
    return NULL;
}

/* The file can be read while it is written: whatever stands before the first zero head is whole. */
static void test_many_threads_and_a_reader(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    unsigned indexes[THREADS];
    struct seen seen = {.in_order = true};
    open_in("many");
    for (unsigned i = 0; i < THREADS; i++) {
        indexes[i] = i;
        assert_int_equal(pthread_create(&threads[i], NULL, write_many, &indexes[i]), 0);
    }
    uint64_t at = 0;
    for (int i = 0; i < 100; i++)
        at = walk(writer.base, writer.mapped, at, see, &seen);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    walk(writer.base, writer.mapped, at, see, &seen);
    assert_true(seen.in_order);
    assert_int_equal(seen.n, (uint64_t)THREADS * RECORDS);
    assert_int_equal(writer.records, (uint64_t)THREADS * RECORDS);
    gp_writer_close(&writer);
    assert_int_equal(gp_writer_header(&writer)->events_lost, 0);
    assert_int_equal(file_size(writer.path),
                     sizeof(struct gp_capture_header) + (uint64_t)THREADS * RECORDS * 16);
}

static void test_after_close(void **state)
{
    (void)state;
    open_in("closed");
    put(0, 1);
    gp_writer_close(&writer);
    const uint64_t size = file_size(writer.path);
    assert_null(gp_writer_reserve(&writer, 2));
    gp_writer_close(&writer);
    assert_int_equal(file_size(writer.path), size);
    assert_int_equal(gp_writer_header(&writer)->events_lost, 1);
}

/* The limit on file sizes stands for the full disk, which tests/integration has: recording stops,
   what is lost is counted, and no signal is raised. */
static void test_no_room(void **state)
{
    (void)state;
    struct rlimit before, limit;
    open_in("full");
    getrlimit(RLIMIT_FSIZE, &before);
    limit = before;
    limit.rlim_cur = writer.mapped + 1000;
    setrlimit(RLIMIT_FSIZE, &limit);
    const uint64_t room = (writer.mapped - writer.used) / 16;
    for (uint64_t i = 1; i <= room + 10; i++)
        put(0, i);
    setrlimit(RLIMIT_FSIZE, &before);
    put(0, 0); /* room would be there again: what was lost cannot be made good */
    struct seen seen = {.in_order = true};
    walk(writer.base, writer.mapped, 0, see, &seen);
    assert_int_equal(seen.n, room);
    assert_int_equal(gp_writer_header(&writer)->events_lost, 11);
    assert_int_equal(gp_writer_header(&writer)->flags, GP_CAPTURE_TRUNCATED);
    gp_writer_close(&writer);
    assert_int_equal(gp_writer_header(&writer)->flags, GP_CAPTURE_TRUNCATED | GP_CAPTURE_CLOSED);
}

/* Growing ahead of need: no writer has to wait, and if it fails nothing is lost yet. */
static void test_grows_ahead(void **state)
{
    (void)state;
    struct rlimit before, limit;
    open_in("ahead");
    const uint64_t first = writer.mapped;
    gp_writer_make_ready(&writer);
    const uint64_t second = writer.mapped;
    assert_true(second > first);
    gp_writer_make_ready(&writer);
    assert_int_equal(writer.mapped, second);
    while (writer.used + 16 < second)
        put(0, 1);
    assert_int_equal(writer.mapped, second);
    getrlimit(RLIMIT_FSIZE, &before);
    limit = before;
    limit.rlim_cur = second;
    setrlimit(RLIMIT_FSIZE, &limit);
    gp_writer_make_ready(&writer);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(writer.mapped, second);
    assert_int_equal(gp_writer_header(&writer)->flags, 0);
    gp_writer_close(&writer);
}

static void test_leaves_a_live_capture_alone(void **state)
{
    (void)state;
    char own_name[64];
    open_in("shared");
    struct gp_writer first = writer;
    open_in("shared");
    snprintf(own_name, sizeof own_name, "/capture.%ld.gpcap", (long)getpid());
    assert_non_null(strstr(first.path, "/capture.gpcap"));
    assert_non_null(strstr(writer.path, own_name));
    put(0, 1);
    gp_writer_close(&writer);
    gp_writer_close(&first);
    const uint64_t size = file_size(first.path);
    open_in("shared"); /* the first has ended: its name is free */
    assert_string_equal(writer.path, first.path);
    assert_true(file_size(writer.path) > size);
    gp_writer_close(&writer);
}

/* A program that closes all descriptors and opens its own: its file is not ours to grow. */
static void test_descriptor_taken_away(void **state)
{
    (void)state;
    open_in("taken");
    char *other = temporary_path("other");
    const int fd = open(other, O_CREAT | O_RDWR | O_CLOEXEC, 0644);
    assert_int_equal(dup2(fd, writer.fd), writer.fd);
    close(fd);
    const uint64_t room = (writer.mapped - writer.used) / 16;
    for (uint64_t i = 1; i <= room + 10; i++)
        put(0, i);
    assert_int_equal(file_size(other), 0);
    assert_int_equal(gp_writer_header(&writer)->events_lost, 0);
    struct seen seen = {.in_order = true};
    walk(writer.base, writer.mapped, 0, see, &seen);
    assert_int_equal(seen.n, room + 10);
    gp_writer_close(&writer);
    assert_int_equal(file_size(other), 0);
    free(other);
}

static void test_a_child_gives_it_up(void **state)
{
    (void)state;
    int status;
    open_in("child");
    const pid_t child = fork();
    if (child == 0) {
        gp_writer_abandon(&writer);
        put(0, 8);
        _exit(writer.fd == -1 ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    put(0, 1);
    gp_writer_close(&writer);
    assert_int_equal(file_size(writer.path), sizeof(struct gp_capture_header) + 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_opens_in_new_folders),
        cmocka_unit_test(test_says_why_it_cannot),
        cmocka_unit_test(test_many_threads_and_a_reader),
        cmocka_unit_test(test_after_close),
        cmocka_unit_test(test_no_room),
        cmocka_unit_test(test_grows_ahead),
        cmocka_unit_test(test_leaves_a_live_capture_alone),
        cmocka_unit_test(test_descriptor_taken_away),
        cmocka_unit_test(test_a_child_gives_it_up),
    };
    return cmocka_run_group_tests(tests, temporary_make, temporary_remove);
}
