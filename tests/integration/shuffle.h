/* A shuffle of 0 to n - 1, the same in each run of the program that asks with that seed. */
#ifndef TESTS_INTEGRATION_SHUFFLE_H
#define TESTS_INTEGRATION_SHUFFLE_H

static inline void shuffle(int *order, int n, unsigned long long seed)
{
    unsigned long long random = seed;
    for (int i = 0; i < n; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        const int other = (int)((random >> 33) % (unsigned)(i + 1));
        order[i] = order[other];
        order[other] = i;
    }
}

#endif
