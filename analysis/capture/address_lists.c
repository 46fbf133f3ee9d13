#include "capture/address_lists.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

struct address_list address_list_of(enum gp_record_type type, const uint64_t *payload,
                                    uint32_t words)
{
    const uint32_t before = type == GP_RECORD_ADDRESSES_LEFT ? 1 : 0; /* words */
    struct gp_record_addresses head;
    memcpy(&head, payload + before, sizeof head);
    const uint32_t room = (words - before - 1) * 8;
    struct address_list list = {.n = head.n,
                                .next = (const unsigned char *)(payload + before + 1),
                                .shift = head.shift & 63};
    list.end = list.next + (head.bytes < room ? head.bytes : room);
    return list;
}

uint64_t address_list_next(struct address_list *list)
{
    uint64_t number = 0;
    for (unsigned shift = 0; list->next < list->end && shift < 64; shift += 7) {
        const unsigned char byte = *list->next++;
        number |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            break;
    }
    list->last += number >> 1 ^ (number & 1 ? UINT64_MAX : 0);
    return list->last << list->shift;
}

/* A record that has a list. */
struct listing {
    uint64_t place; /* of its head, in words, as everywhere here */
    uint64_t end;
    enum gp_record_type type;
    const uint64_t *payload;
    struct address_list list;
};

/* The record at `place`, not behind `last`. False if there is none with a list that has room for
   what it says it has. */
static bool find(struct capture *capture, uint64_t place, uint64_t last, struct listing *found)
{
    const uint64_t n_words = capture->size / 8;
    if (place * 8 < capture->header.header_bytes || place > last)
        return false;
    capture->repeat.is_cut = place >= n_words;
    if (capture->repeat.is_cut)
        return false;
    found->payload = (const uint64_t *)(const void *)capture->data + place + 1;
    const uint64_t head = found->payload[-1];
    const uint32_t words = gp_head_words(head);
    found->place = place;
    found->end = place + words;
    found->type = (enum gp_record_type)gp_head_type(head);
    if ((found->type != GP_RECORD_ADDRESSES && found->type != GP_RECORD_ADDRESSES_LEFT &&
         found->type != GP_RECORD_ORDER) ||
        gp_head_is_short(head) || words < capture_fixed_words(found->type))
        return false;
    capture->repeat.is_cut = found->end > n_words;
    if (capture->repeat.is_cut)
        return false;
    found->list = address_list_of(found->type, found->payload, words - 1);
    return found->list.n <= (size_t)(found->list.end - found->list.next);
}

/* The whole list. */
static void read_all(struct address_list list, struct capture_numbers *to)
{
    ARRAY_RESERVE(to->numbers, to->capacity, list.n + 1UL);
    for (uint32_t i = 0; i < list.n; i++)
        to->numbers[i] = address_list_next(&list);
}

static size_t count(const uint8_t *blocks, size_t n_blocks, enum outer_block what)
{
    size_t n = 0;
    for (size_t i = 0; i < n_blocks; i++)
        n += blocks[i] == what;
    return n;
}

/* Of a list without what the step freed: that is in the list of the step before. `moved`: words by
   which places behind `behind` are further on. */
static bool read_left(struct capture *capture, struct listing *left, uint64_t behind,
                      uint64_t moved, const uint8_t *blocks, size_t n_blocks)
{
    struct capture_repeat *repeat = &capture->repeat;
    struct listing before, order;
    const struct gp_record_addresses_left *record = (const void *)left->payload;
    const uint64_t order_at = record->order + (record->order >= behind ? moved : 0);
    if (!find(capture, order_at, left->end, &order) || order.type != GP_RECORD_ORDER ||
        !find(capture, record->before, behind, &before) || before.place >= left->place ||
        before.type == GP_RECORD_ORDER)
        return false;
    if (left->list.n != count(blocks, n_blocks, OUTER_LEFT) ||
        order.list.n != count(blocks, n_blocks, OUTER_FREED))
        return false;
    read_all(before.list, &repeat->before);
    ARRAY_RESERVE(repeat->addresses.numbers, repeat->addresses.capacity, n_blocks + 1);
    uint64_t *next = repeat->addresses.numbers;
    for (size_t i = 0; i < n_blocks; i++) {
        if (blocks[i] == OUTER_LEFT) {
            *next++ = address_list_next(&left->list);
        } else if (blocks[i] == OUTER_FREED) {
            const uint64_t number = address_list_next(&order.list);
            if (number >= before.list.n)
                return false;
            *next++ = repeat->before.numbers[number];
        }
    }
    return true;
}

bool address_lists_read(struct capture *capture, const struct capture_event *event,
                        const uint8_t *blocks, size_t n_blocks)
{
    struct capture_repeat *repeat = &capture->repeat;
    const struct gp_record_repeat *record = &repeat->record;
    const uint64_t behind = event->offset / 8 + event->payload_words + 1;
    /* A list of its own stands right behind it, what is void left out. */
    const uint64_t moved = record->void_words;
    const uint64_t place = record->addresses + (record->addresses >= behind ? moved : 0);
    struct listing own;
    if (!find(capture, place, behind + moved, &own) || own.type == GP_RECORD_ORDER)
        return false;
    if (own.type == GP_RECORD_ADDRESSES_LEFT)
        return read_left(capture, &own, behind, moved, blocks, n_blocks);
    if (own.list.n != n_blocks - count(blocks, n_blocks, NOT_OUTER))
        return false;
    read_all(own.list, &repeat->addresses);
    return true;
}

void address_lists_free(struct capture *capture)
{
    free(capture->repeat.addresses.numbers);
    free(capture->repeat.before.numbers);
    capture->repeat.addresses = capture->repeat.before = (struct capture_numbers){NULL, 0};
}
