#include "ranks/ranks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "account/median.h"
#include "base/array.h"

static struct rank_op *find_or_add(struct ranks *ranks, const struct node_row *row)
{
    const char *gtype = gtype_name(row->gtype);
    const size_t bytes = strlen(gtype) + strlen(row->name) + 2;
    char *key = memory_zeroed(bytes, 1);
    snprintf(key, bytes, "%s %s", gtype, row->name);
    struct rank_op *op = NULL;
    HASH_FIND_STR(ranks->ops, key, op);
    if (op) {
        free(key);
        return op;
    }
    op = memory_zeroed(1, sizeof *op);
    op->key = key;
    op->name = strdup(row->name);
    op->gtype = row->gtype;
    op->time_source = row->time_source;
    HASH_ADD_KEYPTR(hh, ranks->ops, op->key, strlen(op->key), op);
    return op;
}

static void put(struct rank_values *of, size_t n, uint64_t value)
{
    ARRAY_RESERVE(of->values, of->capacity, n + 1);
    of->values[n] = value;
}

static void add_op(struct ranks *ranks, long rank, const struct node_row *row)
{
    struct rank_op *op = find_or_add(ranks, row);
    op->mixed |= op->time_source != row->time_source;
    ARRAY_RESERVE(op->ranks, op->ranks_capacity, op->n + 1);
    op->ranks[op->n] = rank;
    put(&op->run_ns, op->n, row->run_ns);
    put(&op->peak, op->n, row->peak);
    op->n++;
}

void ranks_add(struct ranks *ranks, long rank, const struct analysis *analysis)
{
    const char *host = facts_text(&analysis->facts, "host");
    const long world_size = facts_number(&analysis->facts, "world_size", 0);
    ARRAY_RESERVE(ranks->runs, ranks->capacity, ranks->n_runs + 1);
    struct rank_run *run = &ranks->runs[ranks->n_runs++];
    run->rank = rank;
    run->step_ns = analysis->step_ns;
    run->peak_bytes = analysis->account.peak.bytes;
    run->peak_node = strdup(analysis->nodes.nodes[analysis->reference_peak.node].path);
    run->host = strdup(host ? host : "-");
    facts_device_string(&analysis->facts, analysis->device, run->device, sizeof run->device);
    if (world_size > ranks->world_size)
        ranks->world_size = world_size;
    for (size_t i = 0; i < analysis->rows.n_ops; i++)
        add_op(ranks, rank, &analysis->rows.rows[i]);
}

struct rank_spread ranks_spread(const struct rank_op *op, const struct rank_values *of)
{
    struct rank_spread spread = {.min = of->values[0], .max_rank = op->ranks[0]};
    uint64_t *sorted = memory_zeroed(op->n, sizeof *sorted);
    double sum = 0;
    for (size_t i = 0; i < op->n; i++) {
        const uint64_t value = of->values[i];
        sorted[i] = value;
        sum += (double)value;
        if (value < spread.min)
            spread.min = value;
        if (value > spread.max) {
            spread.max = value;
            spread.max_rank = op->ranks[i];
        }
    }
    spread.median = median_lower(sorted, op->n);
    spread.mean = sum / (double)op->n;
    spread.imbalance = sum > 0 ? (double)spread.max / spread.mean : 1;
    free(sorted);
    return spread;
}

void ranks_free(struct ranks *ranks)
{
    for (struct rank_op *op = ranks->ops; op; op = op->hh.next) {
        free(op->key); /* nothing is looked up any more */
        free(op->name);
        free(op->ranks);
        free(op->run_ns.values);
        free(op->peak.values);
    }
    TABLE_FREE(struct rank_op, ranks->ops);
    for (size_t i = 0; i < ranks->n_runs; i++) {
        free(ranks->runs[i].peak_node);
        free(ranks->runs[i].host);
    }
    free(ranks->runs);
    memset(ranks, 0, sizeof *ranks);
}
