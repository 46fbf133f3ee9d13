#include "batch/json_reader.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define DEPTH_MAX 16

struct walk {
    const char *json;
    const char *at;
    char path[JSON_PATH_MAX];
    json_scalar_function *on_scalar;
    void *context;
};

static bool walk_value(struct walk *walk, int depth);

static void skip_space(struct walk *walk) { walk->at += strspn(walk->at, " \t\r\n"); }

static bool take(struct walk *walk, char expected)
{
    skip_space(walk);
    if (*walk->at != expected)
        return false;
    walk->at++;
    return true;
}

/* A string's inside, from behind its opening quote; the walk ends up behind the closing one. */
static bool take_string(struct walk *walk, const char **begin, size_t *length)
{
    if (!take(walk, '"'))
        return false;
    *begin = walk->at;
    while (*walk->at != '"') {
        if ((unsigned char)*walk->at < ' ') /* the final NUL as well */
            return false;
        if (*walk->at == '\\') {
            walk->at++;
            if (!*walk->at || !strchr("\"\\/bfnrtu", *walk->at))
                return false;
        }
        walk->at++;
    }
    *length = (size_t)(walk->at - *begin);
    walk->at++;
    return true;
}

/* Appends ".part" to the path; false if it does not fit. */
static bool enter(struct walk *walk, const char *part, size_t length)
{
    size_t used = strlen(walk->path);
    int wrote = snprintf(walk->path + used, sizeof walk->path - used, "%s%.*s", used ? "." : "",
                         (int)length, part);
    return wrote >= 0 && used + (size_t)wrote < sizeof walk->path;
}

/* The members of an object or, without names, the elements of an array, up to `close`. */
static bool walk_members(struct walk *walk, char close, int depth)
{
    if (take(walk, close))
        return true;
    for (unsigned i = 0;; i++) {
        size_t outside = strlen(walk->path);
        char number[16];
        const char *part = number;
        size_t length = (size_t)snprintf(number, sizeof number, "%u", i);
        if (close == '}' && (!take_string(walk, &part, &length) || !take(walk, ':')))
            return false;
        if (!enter(walk, part, length) || !walk_value(walk, depth + 1))
            return false;
        walk->path[outside] = '\0';
        if (take(walk, close))
            return true;
        if (!take(walk, ','))
            return false;
    }
}

/* A number as RFC 8259 writes it, or true, false, null; 0 if there is none. */
static size_t scalar_length(const char *text)
{
    static const char *const words[] = {"true", "false", "null"};
    for (unsigned i = 0; i < 3; i++)
        if (strncmp(text, words[i], strlen(words[i])) == 0)
            return strlen(words[i]);
    static const char digits[] = "0123456789";
    const char *at = text + (*text == '-');
    size_t whole = strspn(at, digits);
    if (whole == 0 || (*at == '0' && whole > 1))
        return 0;
    at += whole;
    if (*at == '.') {
        size_t decimals = strspn(at + 1, digits);
        if (decimals == 0)
            return 0;
        at += 1 + decimals;
    }
    if (*at == 'e' || *at == 'E') {
        at++;
        at += *at == '+' || *at == '-';
        size_t exponent = strspn(at, digits);
        if (exponent == 0)
            return 0;
        at += exponent;
    }
    return (size_t)(at - text);
}

static bool walk_value(struct walk *walk, int depth)
{
    skip_space(walk);
    if (depth > DEPTH_MAX)
        return false;
    if (take(walk, '{'))
        return walk_members(walk, '}', depth);
    if (take(walk, '['))
        return walk_members(walk, ']', depth);
    const char *text = walk->at;
    size_t length = 0;
    if (*text == '"') {
        if (!take_string(walk, &text, &length))
            return false;
    } else {
        length = scalar_length(text);
        if (length == 0)
            return false;
        walk->at += length;
    }
    walk->on_scalar(walk->context, walk->path, text, length);
    return true;
}

int json_walk(const char *json, json_scalar_function *on_scalar, void *context, size_t *bad_at)
{
    struct walk walk = {.json = json, .at = json, .on_scalar = on_scalar, .context = context};
    bool whole = walk_value(&walk, 0);
    skip_space(&walk);
    *bad_at = (size_t)(walk.at - json);
    return whole && *walk.at == '\0' ? 0 : -1;
}
