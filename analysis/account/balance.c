#include "account/balance.h"

static void check(struct account *account, bool balanced)
{
    account->checks++;
    if (balanced)
        return;
    if (account->violations++ == 0)
        account->first_violation = account->replay.offset;
}

void balance_check(struct account *account)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < GP_ROLE_COUNT; i++)
        sum += account->by_role[i];
    check(account, sum == account->live && account->made_live_sum == account->live);
}

static void add_live(void *context, struct allocation *allocation)
{
    struct account *account = context;
    account->ledger_live += account_counts(account, allocation) ? allocation->bytes : 0;
}

void balance_check_whole(struct account *account)
{
    uint64_t by_node = 0;
    for (size_t i = 0; i < account->nodes.n_nodes; i++)
        by_node += account->made_live[i];
    account->ledger_live = 0;
    ledger_each(&account->replay.ledger, add_live, account);
    check(account, by_node == account->live && account->ledger_live == account->live);
}
