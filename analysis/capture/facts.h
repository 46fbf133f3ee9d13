/* What a capture says about itself and its run: strings, APIs, devices, options, samples, counts.
 */
#ifndef ANALYSIS_CAPTURE_FACTS_H
#define ANALYSIS_CAPTURE_FACTS_H

#include <stdbool.h>

#include "capture/capture_reader.h"
#include "capture/strings.h"

#define FACTS_DEVICES_MAX 256 /* a record's device is one byte */
#define FACTS_UNKNOWN     UINT64_MAX

struct fact_api {
    bool known;
    uint8_t class_id; /* enum gp_api_class */
    uint8_t n_operands;
    uint32_t name;
    struct gp_record_api_operand *operands;
};

struct fact_text {
    uint32_t key;
    uint32_t value;
};

struct fact_device {
    bool known;
    uint32_t name;
    uint64_t total_bytes;
    uint64_t samples;
    /* Over the samples; FACTS_UNKNOWN where no sample knew. Bytes. */
    uint64_t least_free;
    uint64_t pool_used_high;
    uint64_t pool_reserved_high;
};

struct facts {
    struct strings strings;
    struct fact_api *apis; /* by number */
    size_t n_apis;
    size_t api_capacity;
    struct fact_text *texts; /* in the order recorded */
    size_t n_texts;
    size_t text_capacity;
    struct fact_device devices[FACTS_DEVICES_MAX];
    bool has_blocks;      /* of a caching allocator: GP_SPACE_BLOCK */
    unsigned n_devices;   /* highest device seen + 1, allocations included */
    uint64_t counts[256]; /* records by type */
    uint64_t threads;
    uint64_t first_ns;
    uint64_t last_ns;
};

/* Takes what one record tells, beside its type and time. */
void facts_take_told(struct facts *facts, const struct capture *capture,
                     const struct capture_event *event);

/* Takes what one record tells. In line: it is most often no more than this. */
static inline void facts_take(struct facts *facts, const struct capture *capture,
                              const struct capture_event *event)
{
    facts->counts[event->type & 255]++;
    if (!facts->first_ns)
        facts->first_ns = event->ns;
    if (event->ns > facts->last_ns)
        facts->last_ns = event->ns;
    if (event->type < GP_RECORD_FREE || event->type == GP_RECORD_DEVICE_SAMPLE)
        facts_take_told(facts, capture, event);
}

/* The row of an API; one with known false if the capture does not explain it. */
const struct fact_api *facts_api(const struct facts *facts, uint32_t api);

/* The value recorded under a key, or NULL. */
const char *facts_text(const struct facts *facts, const char *key);

/* The same as a whole number; `otherwise` where there is none. */
long facts_number(const struct facts *facts, const char *key, long otherwise);

/* Whether work on the GPU was timed by CUDA events rather than by CUPTI. */
bool facts_timed_by_events(const struct facts *facts);

/* Whether the device's name says that it is the CPU stand-in. */
bool facts_is_softgpu(const struct facts *facts, unsigned device);

/* "cuda:N", or "softgpu:N" where the device's name says that it is the CPU stand-in. */
void facts_device_string(const struct facts *facts, unsigned device, char *text, size_t bytes);

/* True for memory of the device: of every space but HOST. */
static inline bool facts_is_device_space(uint8_t space)
{
    return space == GP_SPACE_DEVICE || space == GP_SPACE_POOL || space == GP_SPACE_MANAGED ||
           space == GP_SPACE_ARRAY || space == GP_SPACE_BLOCK || space == GP_SPACE_GRAPH ||
           space == GP_SPACE_PHYSICAL;
}

void facts_free(struct facts *facts);

#endif
