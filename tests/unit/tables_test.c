/* The files: quoting, the columns, and that they appear together or not at all. */
#include "small_training.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "csv/csv_tables.h"
#include "tables/csv_writer.h"
#include "tables/json_writer.h"
#include "tables/out_files.h"
#include "tables/summary.h"
#include "tables/tables.h"

/* What `write` prints. To be freed. */
static char *printed(void (*write)(FILE *to))
{
    char *text = NULL;
    size_t length = 0;
    FILE *to = open_memstream(&text, &length);
    assert_non_null(to);
    write(to);
    assert_int_equal(fclose(to), 0);
    return text;
}

static void write_fields(FILE *to)
{
    struct csv_writer writer = {.to = to};
    csv_put_text(&writer, "plain");
    csv_put_text(&writer, "a,b");
    csv_put_text(&writer, "say \"hi\"");
    csv_put_text(&writer, "two\nlines");
    csv_put_text(&writer, "");
    csv_end_line(&writer);
    csv_put_int(&writer, -1);
    csv_put_ms(&writer, 12345678);
    csv_put_ms(&writer, 0);
    csv_put_ms(&writer, UINT64_C(1000000) * 86400000 + 1);
    csv_end_line(&writer);
}

static void fields_are_quoted_as_rfc_4180_says(void **state)
{
    (void)state;
    char *text = printed(write_fields);
    assert_string_equal(text, "plain,\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",-\n"
                              "-1,12.345678,0.000000,86400000.000001\n");
    free(text);
}

static void write_members(FILE *to)
{
    struct json_writer writer = {.to = to};
    json_begin(&writer);
    json_put_text(&writer, "a", "q\"\\\t");
    json_put_int(&writer, "b", -5);
    json_put_number(&writer, "c", 1.5, 3);
    json_put_bool(&writer, "d", false);
    json_end(&writer);
}

static void members_are_escaped_as_rfc_8259_says(void **state)
{
    (void)state;
    char *text = printed(write_members);
    assert_string_equal(text, "{\n  \"a\": \"q\\\"\\\\\\u0009\",\n  \"b\": -5,\n  \"c\": 1.500,\n"
                              "  \"d\": false\n}\n");
    free(text);
}

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/graphprof_tables.XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    static const char *const names[] = {"a/b/one",   "a/b/two",     "a/b", "a",
                                        "nodes.csv", "tensors.csv", "two"};
    char path[128];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        remove(path);
    }
    return rmdir(folder); /* fails if anything else was left */
}

static bool exists(const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return access(path, F_OK) == 0;
}

static void files_appear_together(void **state)
{
    (void)state;
    struct out_files files = {0};
    char deep[96];
    snprintf(deep, sizeof deep, "%s/a/b", folder);
    assert_true(out_files_folder(&files, deep));
    assert_non_null(out_files_open(&files, deep, "one"));
    assert_non_null(out_files_open(&files, deep, "two"));
    assert_false(exists("a/b/one"));
    assert_true(out_files_commit(&files));
    assert_true(exists("a/b/one"));
    assert_true(exists("a/b/two"));
    out_files_close(&files);
}

static void files_that_fail_leave_nothing(void **state)
{
    (void)state;
    struct out_files files = {0};
    FILE *to = out_files_open(&files, folder, "one");
    assert_non_null(to);
    fputs("half", to);
    assert_null(out_files_open(&files, folder, "missing/two"));
    assert_false(out_files_commit(&files));
    assert_non_null(strstr(files.fault, "missing/two"));
    out_files_close(&files);
    assert_false(exists("one"));
}

static void a_file_in_the_way_of_the_folder_is_named(void **state)
{
    (void)state;
    struct out_files files = {0};
    char path[128];
    snprintf(path, sizeof path, "%s/two", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
    assert_false(out_files_folder(&files, path));
    assert_non_null(strstr(files.fault, path));
}

static void write_table(const char *name, const struct analysis *analysis, bool nodes)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *to = fopen(path, "w");
    assert_non_null(to);
    if (nodes)
        tables_write_nodes(to, &analysis->rows, &analysis->account);
    else
        tables_write_tensors(to, &analysis->rows, &analysis->account, analysis->tensor_order);
    assert_int_equal(fclose(to), 0);
}

/* Written and read back by the strict reader that every consumer uses. */
static void tables_are_as_their_readers_expect(void **state)
{
    (void)state;
    struct builder builder;
    struct analysis analysis;
    struct csv_nodes nodes = {0};
    struct csv_tensors tensors = {0};
    struct csv_fault fault = {{0}};
    char nodes_path[128];
    char tensors_path[128];
    small_training(&builder, 3);
    build_push(&builder, 0, "step, the \"last\"");
    build_push(&builder, 0, "odd, \"name\"");
    build_pop(&builder, 0);
    build_pop(&builder, 0);
    assert_int_equal(build_analyse(&builder, &analysis, NULL), ANALYSIS_DONE);
    write_table("nodes.csv", &analysis, true);
    write_table("tensors.csv", &analysis, false);
    snprintf(nodes_path, sizeof nodes_path, "%s/nodes.csv", folder);
    snprintf(tensors_path, sizeof tensors_path, "%s/tensors.csv", folder);
    if (csv_read_nodes(nodes_path, &nodes, &fault) != 0 ||
        csv_read_tensors(tensors_path, &tensors, &fault) != 0 ||
        csv_match_ranks(&nodes, &tensors, &fault) != 0)
        fail_msg("%s", fault.text);
    assert_int_equal(nodes.n_rows, analysis.rows.n_rows);
    assert_int_equal(tensors.n_rows, analysis.tensors.n_tensors);
    bool odd = false;
    for (size_t i = 0; i < nodes.n_rows; i++) {
        const struct node_row *row = &analysis.rows.rows[i];
        assert_string_equal(nodes.rows[i].name, row->name);
        assert_int_equal(nodes.rows[i].median_peak_mem_bytes, row->peak);
        assert_string_equal(nodes.rows[i].device, "softgpu:0");
        odd |= strcmp(nodes.rows[i].name, "odd, \"name\"") == 0;
    }
    assert_true(odd);
    csv_free_nodes(&nodes);
    csv_free_tensors(&tensors);
    analysis_free(&analysis);
    build_end(&builder);
}

static struct analysis summed_up;
static void write_summary(FILE *to) { summary_write_json(to, &summed_up); }
static void write_words(FILE *to) { summary_print(to, &summed_up); }

static void summary_has_the_books(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "\"steps_total\": 4,",
        "\"steps_used\": 3,",
        "\"step_median_ms\": 0.000390,",
        "\"peak_bytes\": 1700,",
        "\"peak_node\": \"backward/conv\",",
        "\"peak_node_rank\": 5,",
        "\"peak_step\": 1,",
        "\"peak_gradient_bytes\": 400,",
        "\"peak_role_by_operand_bytes\": 1300,",
        "\"peak_role_by_lifetime_bytes\": 400,",
        "\"peak_role_by_none_bytes\": 0,",
        "\"pool_used_high_bytes\": 1712,",
        "\"pool_reserved_high_bytes\": -1,",
        "\"balance_violations\": 0",
        "\"recorded_peak_bytes\": 1700,",
        "\"parameter_tensor_bytes\": 400,",
        "\"workspace_tensors\": 1,",
        "\"capture_closed\": true,",
    };
    struct builder builder;
    small_training(&builder, 4);
    build_sample(&builder, 1712, UINT64_MAX);
    build_close(&builder);
    assert_int_equal(build_analyse(&builder, &summed_up, NULL), ANALYSIS_DONE);
    char *text = printed(write_summary);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        if (!strstr(text, lines[i]))
            fail_msg("no %s in %s", lines[i], text);
    free(text);
    text = printed(write_words);
    assert_non_null(strstr(text, "in backward/conv"));
    free(text);
    analysis_free(&summed_up);
    build_end(&builder);
}

#define IN_FOLDER(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_quoted_as_rfc_4180_says),
        cmocka_unit_test(members_are_escaped_as_rfc_8259_says),
        IN_FOLDER(files_appear_together),
        IN_FOLDER(files_that_fail_leave_nothing),
        IN_FOLDER(a_file_in_the_way_of_the_folder_is_named),
        IN_FOLDER(tables_are_as_their_readers_expect),
        cmocka_unit_test(summary_has_the_books),
    };
    return cmocka_run_group_tests_name("tables", tests, NULL, NULL);
}
