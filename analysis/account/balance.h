/* The balance of the second pass: live bytes by role = by node = live bytes, in integers. */
#ifndef ANALYSIS_ACCOUNT_BALANCE_H
#define ANALYSIS_ACCOUNT_BALANCE_H

#include "account/account.h"

/* Whether an allocation's bytes are those of the account's device: what the tables are about. */
static inline bool account_counts(const struct account *account,
                                  const struct allocation *allocation)
{
    return allocation->device == account->device && facts_is_device_space(allocation->space);
}

/* Behind each event that changed what is live. */
void balance_check(struct account *account);

/* The books against the ledger and the nodes themselves: too long for every event. */
void balance_check_whole(struct account *account);

#endif
