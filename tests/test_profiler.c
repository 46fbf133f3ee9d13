/*
 * The sanity tests of stage 1 on whole profiles: folders with nodes.csv and tensors.csv, given as
 * arguments. `make check` gives one made on softgpu in the same run and one made from a capture
 * that was recorded on an H200.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "csv/csv_tables.h"

#define PROFILES_MAX           8
#define SAVED_STATISTICS_BYTES 512 /* mean and inverse deviation of 64 channels */

struct profile {
    char nodes_path[4096], tensors_path[4096];
    struct csv_nodes nodes;
    struct csv_tensors tensors;
};

static const char *folders[PROFILES_MAX];
static int n_folders;

static void open_profile(struct profile *profile, const char *folder)
{
    struct csv_fault fault = {""};
    snprintf(profile->nodes_path, sizeof profile->nodes_path, "%s/nodes.csv", folder);
    snprintf(profile->tensors_path, sizeof profile->tensors_path, "%s/tensors.csv", folder);
    if (csv_read_nodes(profile->nodes_path, &profile->nodes, &fault) != 0 ||
        csv_read_tensors(profile->tensors_path, &profile->tensors, &fault) != 0)
        fail_msg("%s", fault.text);
}

static void close_profile(struct profile *profile)
{
    csv_free_nodes(&profile->nodes);
    csv_free_tensors(&profile->tensors);
}

/* Every activation is used in the backward pass after its last use in the forward pass. */
static void test_activation_liveness(void **state)
{
    (void)state;
    for (int f = 0; f < n_folders; f++) {
        struct profile profile = {0};
        open_profile(&profile, folders[f]);
        int activations = 0, in_both = 0;
        for (size_t i = 0; i < profile.tensors.n_rows; i++) {
            const struct csv_tensor *tensor = &profile.tensors.rows[i];
            if (strcmp(tensor->node_type, "activation") != 0)
                continue;
            activations++;
            if (tensor->last_fw_use_rank < 0 || tensor->first_bw_use_rank < 0)
                continue;
            in_both++;
            if (tensor->first_bw_use_rank <= tensor->last_fw_use_rank)
                fail_msg("%s: %s: first backward use at %lld, last forward use at %lld", folders[f],
                         tensor->name, (long long)tensor->first_bw_use_rank,
                         (long long)tensor->last_fw_use_rank);
        }
        print_message("%s: %d of %d activations are used in both passes\n", folders[f], in_both,
                      activations);
        /* What is left over is made and used up in one pass: the losses, a pooled image. */
        assert_true(in_both >=
                    2 * 155); /* each of the 155 convolutions and batch norms saves one */
        assert_true(in_both * 100 >= activations * 95);
        close_profile(&profile);
    }
}

/* Parameters + gradients + optimizer states + activations + ... at the peak are the peak, exactly.
 */
static void test_memory_conservation(void **state)
{
    (void)state;
    for (int f = 0; f < n_folders; f++) {
        struct profile profile = {0};
        open_profile(&profile, folders[f]);
        const struct csv_node *peak = NULL;
        int64_t parameters = 0, gradients = 0;
        for (size_t i = 0; i < profile.nodes.n_rows; i++) {
            const struct csv_node *node = &profile.nodes.rows[i];
            int64_t sum = 0;
            for (unsigned role = 0; role < GP_ROLE_COUNT; role++)
                sum += node->peak_bytes[role];
            if (sum != node->median_peak_mem_bytes)
                fail_msg("%s: %s: roles add up to %lld, peak %lld", folders[f], node->name,
                         (long long)sum, (long long)node->median_peak_mem_bytes);
            if (strcmp(node->node_type, "parameter") == 0)
                parameters += node->median_peak_mem_bytes;
            else if (strcmp(node->node_type, "gradient") == 0)
                gradients += node->median_peak_mem_bytes;
            else if (strcmp(node->node_type, "op") == 0 &&
                     (!peak || node->median_peak_mem_bytes > peak->median_peak_mem_bytes))
                peak = node;
        }
        if (!peak) {
            fail_msg("%s: no op", folders[f]);
            return;
        }
        int64_t live = 0;
        for (size_t i = 0; i < profile.tensors.n_rows; i++)
            if (profile.tensors.rows[i].live_at_peak)
                live += profile.tensors.rows[i].bytes;
        assert_int_equal(live, peak->median_peak_mem_bytes);
        assert_int_equal(peak->peak_bytes[GP_ROLE_PARAMETER], parameters);
        assert_int_equal(parameters, INT64_C(60192808) * 4);
        assert_int_equal(gradients, parameters);
        close_profile(&profile);
    }
}

/* The headers are those of the column tables, no field is NaN, empty or of the wrong kind (the
   reader refuses each), ranks match, and what a user looks for is not zero. */
static void test_csv_schema(void **state)
{
    (void)state;
    for (int f = 0; f < n_folders; f++) {
        struct profile profile = {0};
        struct csv_fault fault = {""};
        open_profile(&profile, folders[f]);
        if (csv_match_ranks(&profile.nodes, &profile.tensors, &fault) != 0)
            fail_msg("%s", fault.text);
        const char *device = profile.nodes.rows[0].device;
        assert_true(strncmp(device, "cuda:", 5) == 0 || strncmp(device, "softgpu:", 8) == 0);
        for (size_t i = 0; i < profile.nodes.n_rows; i++) {
            const struct csv_node *node = &profile.nodes.rows[i];
            assert_string_equal(node->device, device);
            assert_true(node->median_active_mem_bytes > 0);
            assert_true(node->median_peak_mem_bytes >= node->median_active_mem_bytes);
            /* a batch norm returns its output and two saved statistics */
            if (strcmp(node->name, "forward/bn1") == 0)
                assert_true(node->median_memory_size_bytes > SAVED_STATISTICS_BYTES);
        }
        close_profile(&profile);
    }
}

int main(int argc, char **argv)
{
    if (argc < 2 || argc > PROFILES_MAX + 1) {
        fprintf(stderr, "usage: test_profiler FOLDER... (up to %d)\n", PROFILES_MAX);
        return 2;
    }
    for (int i = 1; i < argc; i++)
        folders[n_folders++] = argv[i];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_activation_liveness),
        cmocka_unit_test(test_memory_conservation),
        cmocka_unit_test(test_csv_schema),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
