#include <inttypes.h>
#include <string.h>

#include "tables/json_writer.h"
#include "tables/summary.h"

#define KEY_BYTES 64

static const char *text_or_dash(const struct facts *facts, const char *key)
{
    const char *text = facts_text(facts, key);
    return text && *text ? text : "-";
}

/* -1: not known. */
static int64_t known(uint64_t value) { return value == FACTS_UNKNOWN ? -1 : (int64_t)value; }

static void put_run(struct json_writer *json, const struct analysis *analysis)
{
    const struct facts *facts = &analysis->facts;
    const struct fact_device *device = &facts->devices[analysis->device];
    char name[32];
    int64_t used = 0;
    facts_device_string(facts, analysis->device, name, sizeof name);
    json_put_text(json, "program", text_or_dash(facts, "program"));
    json_put_text(json, "command", text_or_dash(facts, "command"));
    json_put_text(json, "host", text_or_dash(facts, "host"));
    json_put_text(json, "start", text_or_dash(facts, "start"));
    json_put_int(json, "pid", analysis->capture.header.pid);
    json_put_int(json, "rank", facts_number(facts, "rank", 0));
    json_put_int(json, "world_size", facts_number(facts, "world_size", -1));
    json_put_text(json, "device", name);
    json_put_text(json, "device_name",
                  device->known ? strings_text(&facts->strings, device->name) : "-");
    json_put_int(json, "device_total_bytes", device->known ? (int64_t)device->total_bytes : -1);
    for (unsigned d = 0; d < facts->n_devices; d++)
        used += analysis_has_device(analysis, d);
    json_put_int(json, "devices_used", used);
}

static const char *end_name(enum capture_end end)
{
    switch (end) {
    case CAPTURE_END_FILE:
        return "end of file";
    case CAPTURE_END_ZERO:
        return "unused space";
    case CAPTURE_END_CUT:
        return "cut record";
    case CAPTURE_END_CORRUPT:
        return "corrupt record";
    default:
        return "-";
    }
}

static void put_capture(struct json_writer *json, const struct analysis *analysis)
{
    const struct capture *capture = &analysis->capture;
    const struct gp_capture_header *header = &capture->header;
    const struct steps *steps = &analysis->steps;
    const struct replay_faults *faults = &analysis->account.replay.faults;
    json_put_int(json, "capture_version", header->version);
    json_put_int(json, "capture_bytes", (int64_t)capture->at);
    json_put_int(json, "capture_bytes_per_step", (int64_t)steps_capture_bytes(steps));
    json_put_int(json, "capture_records", (int64_t)capture->records);
    json_put_int(json, "capture_records_skipped", (int64_t)capture->skipped);
    json_put_text(json, "capture_end", end_name(capture->end));
    json_put_bool(json, "capture_closed", header->flags & GP_CAPTURE_CLOSED);
    json_put_bool(json, "capture_truncated", header->flags & GP_CAPTURE_TRUNCATED);
    json_put_int(json, "events_lost", (int64_t)header->events_lost);
    json_put_number(json, "recorder_ms", (double)header->self_ns / 1e6, 6);
    json_put_int(json, "threads", (int64_t)analysis->facts.threads);
    json_put_int(json, "unknown_frees", (int64_t)faults->unknown_frees);
    json_put_int(json, "missed_frees", (int64_t)faults->missed_frees);
    json_put_int(json, "failed_frees", (int64_t)faults->failed_frees);
    json_put_int(json, "unmatched_ranges", (int64_t)faults->unmatched_ranges);
    json_put_int(json, "bad_marks", (int64_t)analysis->identify.bad_marks);
}

static void put_steps(struct json_writer *json, const struct analysis *analysis)
{
    const struct steps *steps = &analysis->steps;
    json_put_int(json, "steps_total", (int64_t)steps->n_steps);
    json_put_int(json, "steps_complete", (int64_t)steps->n_complete);
    json_put_int(json, "steps_used", (int64_t)steps->n_counted);
    json_put_int(json, "steps_used_for_time", (int64_t)steps->n_times);
    json_put_int(json, "steps_thinned", (int64_t)steps->n_thinned);
    json_put_text(json, "steps_found_by", steps_found_by(steps));
    json_put_text(json, "step_pattern", steps_found_with(steps));
    json_put_text(json, "step_time_source", "host");
    json_put_number(json, "step_median_ms", (double)analysis->step_ns / 1e6, 6);
    json_put_int(json, "step_median_ns", (int64_t)analysis->step_ns);
    json_put_number(json, "step_mad_ms", (double)analysis->step_mad_ns / 1e6, 6);
    json_put_number(json, "step_min_ms", (double)analysis->step_min_ns / 1e6, 6);
}

static const char *gpu_time_source(const struct analysis *analysis)
{
    if (!analysis->account.gpu.n_steps)
        return "none";
    return facts_timed_by_events(&analysis->facts) ? "event" : "cupti";
}

static double tally_ms(const struct gpu_tally *tally) { return (double)tally->ns / 1e6; }

/* Medians over the steps that have GPU times; totals over all records. */
static void put_gpu(struct json_writer *json, const struct analysis *analysis)
{
    const struct gpu_time *gpu = &analysis->account.gpu;
    const struct gpu_tally *const kinds[] = {&gpu->in_steps, &gpu->outside, &gpu->unmatched,
                                             &gpu->late};
    struct gpu_tally all = {0};
    size_t timed = 0;
    for (size_t s = 0; s < analysis->steps.n_steps; s++)
        timed += analysis->steps.steps[s].timed;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        all.n += kinds[i]->n;
        all.ns += kinds[i]->ns;
    }
    json_put_text(json, "cupti", text_or_dash(&analysis->facts, "cupti"));
    json_put_text(json, "gpu_time_source", gpu_time_source(analysis));
    json_put_int(json, "gpu_steps_timed", (int64_t)timed);
    json_put_int(json, "gpu_steps_used", (int64_t)gpu->n_steps);
    json_put_int(json, "gpu_steps_incomplete", (int64_t)gpu->incomplete);
    json_put_number(json, "gpu_busy_ms", (double)analysis->gpu.busy_ns / 1e6, 6);
    json_put_number(json, "gpu_busy_mad_ms", (double)analysis->gpu.busy_mad_ns / 1e6, 6);
    json_put_number(json, "gpu_sum_ms", (double)analysis->gpu.sum_ns / 1e6, 6);
    json_put_number(json, "gpu_nodes_sum_ms", (double)analysis->gpu.nodes_sum_ns / 1e6, 6);
    json_put_int(json, "gpu_records", (int64_t)all.n);
    json_put_number(json, "gpu_records_ms", (double)all.ns / 1e6, 6);
    json_put_number(json, "gpu_records_in_nodes_ms", tally_ms(&gpu->in_steps), 6);
    json_put_number(json, "gpu_records_outside_steps_ms", tally_ms(&gpu->outside), 6);
    json_put_int(json, "gpu_records_unmatched", (int64_t)(gpu->unmatched.n + gpu->late.n));
    json_put_number(json, "gpu_records_unmatched_ms",
                    tally_ms(&gpu->unmatched) + tally_ms(&gpu->late), 6);
    json_put_int(json, "gpu_records_lost", (int64_t)gpu->lost);
    json_put_int(json, "gpu_launches_without_record", (int64_t)gpu->not_run);
}

static void put_peak(struct json_writer *json, const struct analysis *analysis)
{
    const struct peak_account *peak = &analysis->account.peak;
    char key[KEY_BYTES];
    json_put_int(json, "peak_bytes", (int64_t)peak->bytes);
    json_put_text(json, "peak_node", analysis->nodes.nodes[analysis->reference_peak.node].path);
    json_put_int(json, "peak_node_rank", analysis->rows.ranks[analysis->reference_peak.node]);
    json_put_int(json, "peak_step", (int64_t)analysis->reference_step);
    for (unsigned role = 0; role < GP_ROLE_COUNT; role++) {
        snprintf(key, sizeof key, "peak_%s_bytes", gp_role_name(role));
        json_put_int(json, key, (int64_t)peak->by_role[role]);
    }
    for (unsigned source = 0; source < ROLE_SOURCE_COUNT; source++) {
        snprintf(key, sizeof key, "peak_role_by_%s_bytes", role_source_name(source));
        json_put_int(json, key, (int64_t)peak->by_source[source]);
    }
    json_put_int(json, "peak_persistent_bytes", (int64_t)peak->persistent);
}

static void put_tensors(struct json_writer *json, const struct analysis *analysis)
{
    char key[KEY_BYTES];
    for (unsigned role = 0; role < GP_ROLE_COUNT; role++) {
        uint64_t count = 0;
        uint64_t bytes = 0;
        for (size_t i = 0; i < analysis->tensors.n_tensors; i++) {
            const struct tensor *tensor = &analysis->tensors.tensors[i];
            if (tensor->role != role || tensor->id.device != analysis->device)
                continue;
            count++;
            bytes += tensor->id.bytes;
        }
        snprintf(key, sizeof key, "%s_tensors", gp_role_name(role));
        json_put_int(json, key, (int64_t)count);
        snprintf(key, sizeof key, "%s_tensor_bytes", gp_role_name(role));
        json_put_int(json, key, (int64_t)bytes);
    }
}

/* The books at a moment; -1, or 0 where bytes may be negative, if the driver was not asked then or
   not around the first allocation. */
static void put_moment(struct json_writer *json, const struct books *books, const char *of,
                       const struct books_moment *moment)
{
    const bool closes = moment->known && books->has_context;
    const struct {
        const char *name;
        int64_t bytes;
    } parts[] = {
        {"rounding", (int64_t)moment->rounding},
        {"pool_slack", (int64_t)moment->pool_slack},
        {"handles", moment->handles},
        {"modules", moment->modules},
        {"cupti", moment->cupti},
        {"context", closes ? (int64_t)books->context : 0},
        {"residual", closes ? books_residual(books, moment) : 0},
    };
    char key[KEY_BYTES];
    snprintf(key, sizeof key, "%s_step", of);
    json_put_int(json, key, closes ? (int64_t)moment->step : -1);
    snprintf(key, sizeof key, "%s_driver_used_bytes", of);
    json_put_int(json, key, closes ? (int64_t)moment->used : -1);
    for (unsigned role = 0; role < GP_ROLE_COUNT; role++) {
        snprintf(key, sizeof key, "%s_%s_bytes", of, gp_role_name(role));
        json_put_int(json, key, closes ? (int64_t)moment->by_role[role] : -1);
    }
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        snprintf(key, sizeof key, "%s_%s_bytes", of, parts[i].name);
        json_put_int(json, key, parts[i].bytes);
    }
}

static void put_driver(struct json_writer *json, const struct analysis *analysis)
{
    const struct books *books = &analysis->account.books;
    const struct books_moment *end = &books->step_end;
    const bool probed = books->probe.samples > 0;
    put_moment(json, books, "books", end);
    json_put_int(json, "books_nvml_used_bytes", end->known ? known(end->nvml_used) : -1);
    json_put_text(json, "books_nvml_scope", books_nvml_scope(end));
    put_moment(json, books, "probe", &books->probe.most);
    json_put_int(json, "probe_samples", (int64_t)books->probe.samples);
    json_put_int(json, "probe_recorded_bytes", probed ? (int64_t)books->probe.live_most : -1);
    json_put_int(json, "probe_recorded_taken_bytes",
                 probed ? (int64_t)books->probe.taken_most : -1);
}

static void put_books(struct json_writer *json, const struct analysis *analysis)
{
    const struct fact_device *device = &analysis->facts.devices[analysis->device];
    const struct device_peaks *peaks = &analysis->identify.devices[analysis->device];
    bool sampled = device->samples > 0;
    json_put_int(json, "recorded_peak_bytes", (int64_t)peaks->whole.bytes);
    json_put_int(json, "recorded_pool_peak_bytes", (int64_t)peaks->pool_peak);
    json_put_int(json, "recorded_segments_peak_bytes", (int64_t)peaks->segments_peak);
    json_put_int(json, "recorded_end_bytes", (int64_t)peaks->live);
    json_put_int(json, "host_pinned_peak_bytes", (int64_t)analysis->identify.host_peak);
    json_put_int(json, "host_pinned_end_bytes", (int64_t)analysis->identify.host_live);
    json_put_int(json, "pool_used_high_bytes", sampled ? known(device->pool_used_high) : -1);
    json_put_int(json, "pool_reserved_high_bytes",
                 sampled ? known(device->pool_reserved_high) : -1);
    json_put_int(json, "driver_least_free_bytes", sampled ? known(device->least_free) : -1);
    json_put_int(json, "driver_samples", (int64_t)device->samples);
    json_put_int(json, "balance_checks", (int64_t)analysis->account.checks);
    json_put_int(json, "balance_violations", (int64_t)analysis->account.violations);
}

void summary_write_json(FILE *to, const struct analysis *analysis)
{
    struct json_writer json = {.to = to};
    json_begin(&json);
    json_put_int(&json, "summary_version", 1);
    put_run(&json, analysis);
    put_steps(&json, analysis);
    put_gpu(&json, analysis);
    put_peak(&json, analysis);
    put_tensors(&json, analysis);
    put_books(&json, analysis);
    put_driver(&json, analysis);
    put_capture(&json, analysis);
    json_end(&json);
}
