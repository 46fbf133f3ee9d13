/*
 * The lists of addresses that steps which repeat others have (ADDRESSES, ADDRESSES_LEFT, ORDER).
 */
#ifndef ANALYSIS_CAPTURE_ADDRESS_LISTS_H
#define ANALYSIS_CAPTURE_ADDRESS_LISTS_H

#include "capture/capture_reader.h"

/* What is left of a list. */
struct address_list {
    uint32_t n; /* that it says it has */
    const unsigned char *next, *end;
    unsigned shift;
    uint64_t last; /* divided */
};

/* The list in a record of one of the three types, `words` long without its head. */
struct address_list address_list_of(enum gp_record_type type, const uint64_t *payload,
                                    uint32_t words);
/* The next address or number; where they end early, the one before. */
uint64_t address_list_next(struct address_list *list);

/* What a step did with blocks that it not both made and freed, in the order of its records. */
enum outer_block {
    NOT_OUTER,
    OUTER_FREED,
    OUTER_LEFT
};

/*
 * Reads the addresses of the REPEAT record at that event, which has a list, into
 * capture->repeat.addresses, in the order of the outer ones of `blocks`. False if it is not there,
 * or its length is another.
 */
bool address_lists_read(struct capture *capture, const struct capture_event *event,
                        const uint8_t *blocks, size_t n_blocks);

void address_lists_free(struct capture *capture);

#endif
