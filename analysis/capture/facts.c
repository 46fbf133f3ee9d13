#include "capture/facts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

static void take_string(struct facts *facts, const struct capture *capture,
                        const struct capture_event *event)
{
    const struct gp_record_string *string = (const void *)event->payload;
    /* Ids are given in turn and each takes two words at least: a larger one is none of ours. */
    if (string->id <= capture->size / 16)
        strings_add(&facts->strings, string->id, capture_string_text(event), string->length);
}

static void take_api(struct facts *facts, const struct capture_event *event)
{
    const struct gp_record_api *record = (const void *)event->payload;
    ARRAY_RESERVE(facts->apis, facts->api_capacity, record->api + 1UL);
    if (facts->n_apis <= record->api)
        facts->n_apis = record->api + 1UL;
    struct fact_api *api = &facts->apis[record->api];
    if (api->known)
        return;
    api->known = true;
    api->class_id = record->class_id;
    api->n_operands = record->n_operands;
    api->name = strings_canonical(&facts->strings, record->name);
    api->operands = memory_zeroed(record->n_operands, sizeof *api->operands);
    memcpy(api->operands, event->payload + 1, record->n_operands * sizeof *api->operands);
}

static struct fact_device *device_of(struct facts *facts, uint64_t device)
{
    if (device >= FACTS_DEVICES_MAX)
        return NULL;
    if (facts->n_devices <= device)
        facts->n_devices = (unsigned)device + 1;
    return &facts->devices[device];
}

static void take_device(struct facts *facts, const struct capture_event *event)
{
    const struct gp_record_device *record = (const void *)event->payload;
    struct fact_device *device = device_of(facts, record->device);
    if (!device || device->known)
        return;
    device->known = true;
    device->name = record->name;
    device->total_bytes = record->total_bytes;
}

static void take_alloc(struct facts *facts, const struct gp_record_alloc *record)
{
    device_of(facts, record->device);
    facts->has_blocks |= record->space == GP_SPACE_BLOCK;
}

static void raise_to(uint64_t *most, uint64_t value)
{
    if (value != FACTS_UNKNOWN && (*most == FACTS_UNKNOWN || value > *most))
        *most = value;
}

static void take_sample(struct facts *facts, const struct capture_event *event)
{
    const struct gp_record_device_sample sample = capture_sample(event), *const record = &sample;
    struct fact_device *device = device_of(facts, record->device);
    if (device->samples++ == 0)
        device->least_free = device->pool_used_high = device->pool_reserved_high = FACTS_UNKNOWN;
    if (record->free_bytes < device->least_free)
        device->least_free = record->free_bytes;
    raise_to(&device->pool_used_high, record->pool_used_high_bytes);
    raise_to(&device->pool_reserved_high, record->pool_reserved_high_bytes);
}

static void take_text(struct facts *facts, const struct capture_event *event)
{
    const struct gp_record_text *record = (const void *)event->payload;
    ARRAY_RESERVE(facts->texts, facts->text_capacity, facts->n_texts + 1);
    facts->texts[facts->n_texts++] = (struct fact_text){record->key, record->value};
}

void facts_take_told(struct facts *facts, const struct capture *capture,
                     const struct capture_event *event)
{
    switch (event->type) {
    case GP_RECORD_THREAD:
        facts->threads++;
        break;
    case GP_RECORD_STRING:
        take_string(facts, capture, event);
        break;
    case GP_RECORD_API:
        take_api(facts, event);
        break;
    case GP_RECORD_TEXT:
        take_text(facts, event);
        break;
    case GP_RECORD_DEVICE:
        take_device(facts, event);
        break;
    case GP_RECORD_ALLOC:
        take_alloc(facts, (const void *)event->payload);
        break;
    case GP_RECORD_DEVICE_SAMPLE:
        take_sample(facts, event);
        break;
    default:
        break;
    }
}

const struct fact_api *facts_api(const struct facts *facts, uint32_t api)
{
    static const struct fact_api none = {0};
    return api < facts->n_apis ? &facts->apis[api] : &none;
}

const char *facts_text(const struct facts *facts, const char *key)
{
    for (size_t i = 0; i < facts->n_texts; i++)
        if (strcmp(strings_text(&facts->strings, facts->texts[i].key), key) == 0)
            return strings_text(&facts->strings, facts->texts[i].value);
    return NULL;
}

long facts_number(const struct facts *facts, const char *key, long otherwise)
{
    const char *text = facts_text(facts, key);
    char *end = NULL;
    errno = 0;
    const long value = text ? strtol(text, &end, 10) : 0;
    return text && *text && !*end && errno == 0 && value >= 0 ? value : otherwise;
}

bool facts_timed_by_events(const struct facts *facts)
{
    const char *by = facts_text(facts, "gpu_time");
    return by && strcmp(by, "event") == 0;
}

bool facts_is_softgpu(const struct facts *facts, unsigned device)
{
    return device < FACTS_DEVICES_MAX && facts->devices[device].known &&
           strncmp(strings_text(&facts->strings, facts->devices[device].name), "softgpu", 7) == 0;
}

void facts_device_string(const struct facts *facts, unsigned device, char *text, size_t bytes)
{
    const char *kind = facts_is_softgpu(facts, device) ? "softgpu" : "cuda";
    snprintf(text, bytes, "%s:%u", kind, device);
}

void facts_free(struct facts *facts)
{
    strings_free(&facts->strings);
    for (size_t i = 0; i < facts->n_apis; i++)
        free(facts->apis[i].operands);
    free(facts->apis);
    free(facts->texts);
    memset(facts, 0, sizeof *facts);
}
