/*
 * Copies a capture from stdin to stdout, its records in short form where they have one: as today's
 * recorder would have written an older capture, or a synthetic one.
 *
 * usage: shorten_capture <CAPTURE >SHORT
 *
 * A kind has a number from its second record on. Of captures without REPEAT records, since places
 * in the file change. CLOSE records still say how many records there were.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graphprof/capture_format.h"
#include "graphprof/short_form.h"

static struct kind {
    uint64_t words[2];
    enum gp_record_type type;
    uint32_t number; /* 0: none yet; else the number and 1 */
} kinds[GP_KINDS_MAX];
static uint32_t n_kinds;

static uint64_t payload[GP_RECORD_WORDS_MAX];

static void fail(const char *what)
{
    fprintf(stderr, "shorten_capture: %s\n", what);
    exit(1);
}

static void write_words(const void *words, size_t n)
{
    if (fwrite(words, sizeof(uint64_t), n, stdout) != n)
        fail("cannot write");
}

static bool is_kind(const struct kind *kind, enum gp_record_type type, const uint64_t words[2])
{
    return kind->type == type && kind->words[0] == words[0] && kind->words[1] == words[1];
}

/* The kind's number, its KIND record written if need be; GP_KINDS_MAX at the first sight of it. */
static uint32_t kind_of(enum gp_record_type type, const uint64_t words[2], uint32_t thread)
{
    const uint64_t hash = (words[0] * 31 + words[1] + type) * UINT64_C(0x9e3779b97f4a7c15);
    uint32_t at = (uint32_t)(hash >> 48);
    while (kinds[at].type && !is_kind(&kinds[at], type, words))
        at = (at + 1) % GP_KINDS_MAX;
    if (!kinds[at].type) {
        kinds[at] = (struct kind){{words[0], words[1]}, type, 0};
        return GP_KINDS_MAX;
    }
    if (!kinds[at].number) {
        const struct gp_record_kind record = {n_kinds, type, {words[0], words[1]}};
        const unsigned n = words[1] ? 4 : 3;
        const uint64_t head = gp_head(GP_RECORD_KIND, n, thread, 0);
        write_words(&head, 1);
        write_words(&record, n - 1);
        kinds[at].number = ++n_kinds;
    }
    return kinds[at].number - 1;
}

/* The record in short form; false if it is to stay as it is. */
static bool write_short(uint64_t head, unsigned words)
{
    const enum gp_record_type type = (enum gp_record_type)gp_head_type(head);
    const unsigned operands = type == GP_RECORD_CALL ? words - 1 : 0;
    const uint32_t thread = gp_head_thread(head), delta = gp_head_delta(head);
    struct gp_short_form form;
    if (!gp_short_form(type, payload, words - operands, payload + 1, operands, &form) ||
        delta > GP_SHORT_DELTA_MAX)
        return false;
    const unsigned n = 1 + form.n_own;
    const uint32_t kind = kind_of(type, form.kind, thread);
    if (kind == GP_KINDS_MAX)
        return false;
    const uint64_t brief = gp_short_head(type, n, thread, delta, kind);
    write_words(&brief, 1);
    write_words(form.own, form.n_own);
    return true;
}

int main(int argc, char **argv)
{
    struct gp_capture_header header;
    uint64_t head;
    (void)argv;
    if (argc != 1)
        fail("usage: shorten_capture <CAPTURE >SHORT");
    if (fread(&header, sizeof header, 1, stdin) != 1 || header.header_bytes != sizeof header ||
        memcmp(header.magic, GP_CAPTURE_MAGIC, sizeof header.magic) != 0)
        fail("stdin: expected a capture");
    header.version = GP_CAPTURE_VERSION;
    write_words(&header, sizeof header / sizeof(uint64_t));
    while (fread(&head, sizeof head, 1, stdin) == 1 && head != 0) {
        const unsigned words = gp_head_words(head) - 1;
        if (gp_head_is_short(head) || gp_head_type(head) == GP_RECORD_REPEAT)
            fail("expected a capture without REPEAT records, in long form");
        if (fread(payload, sizeof head, words, stdin) != words)
            fail("stdin: cut");
        if (!write_short(head, words)) {
            write_words(&head, 1);
            write_words(payload, words);
        }
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
