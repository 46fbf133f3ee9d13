/*
 * Compares what resnet152 --numbers wrote with reference.csv, at the tolerances below, and prints
 * TAP without a plan: six tests a call.
 *
 *   check_numbers REFERENCE NUMBERS IMAGE_SIZE OPTIMIZER LABEL
 *
 * `fp32` is PyTorch's own fp32; how far it is off its float64 is printed beside our distance, which
 * shows how sharp a tolerance could be.
 */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_LOSS    1e-5 /* relative, as all of them */
#define LATER_LOSSES  1e-2
#define GRAD_NORM     1e-3 /* for GRAD_SHARE of the parameters */
#define GRAD_SHARE    0.95
#define GRAD_NORM_MAX 2e-2
#define STATISTICS    1e-4

enum {
    ROWS_MAX = 4000,
    STEPS = 5,
    PARAMETERS = 467,
    PARAMETER_COUNT = 60192808, /* of torchvision's ResNet-152 with 1000 classes */
    STATISTICS_ROWS = 155 * 6
};

struct row {
    char quantity[24];
    char name[48];
    int step;
    double fp32; /* in a file of numbers: the value */
    double fp64;
};

struct rows {
    struct row row[ROWS_MAX];
    int count;
};

static struct rows reference, numbers;
static const char *label;

static _Noreturn void bail_out(const char *path, int line, const char *what)
{
    printf("Bail out! %s line %d: %s\n", path, line, what);
    exit(2);
}

/* Cuts a line at its commas. Returns the number of fields. */
static int split(char *line, char **fields, int max)
{
    int n = 0;
    line[strcspn(line, "\r\n")] = '\0';
    for (char *p = line; p && n < max;) {
        fields[n++] = p;
        p = strchr(p, ',');
        if (p)
            *p++ = '\0';
    }
    return n;
}

static double number(const char *path, int line, const char *text)
{
    char *end;
    const double x = strtod(text, &end);
    if (end == text || *end != '\0' || !isfinite(x))
        bail_out(path, line, "expected a finite number");
    return x;
}

static void append(struct rows *rows, const char *path, int line, char *const *fields,
                   const char *step, const char *fp32, const char *fp64)
{
    if (rows->count == ROWS_MAX)
        bail_out(path, line, "too many rows");
    struct row *r = &rows->row[rows->count++];
    snprintf(r->quantity, sizeof r->quantity, "%s", fields[0]);
    snprintf(r->name, sizeof r->name, "%s", fields[1]);
    r->step = (int)number(path, line, step);
    r->fp32 = number(path, line, fp32);
    r->fp64 = number(path, line, fp64);
}

/* quantity,name,image_size,optimizer,step,fp32,fp64 with size and optimizer filtered; or, for
   numbers (size NULL), quantity,name,step,value. */
static void read_rows(struct rows *rows, const char *path, const char *size, const char *optimizer)
{
    const int expected = size ? 7 : 4;
    char line[512];
    char *f[8];
    FILE *file = fopen(path, "r");
    if (!file)
        bail_out(path, 0, "cannot be opened");
    for (int n = 1; fgets(line, sizeof line, file); n++) {
        if (split(line, f, 8) != expected)
            bail_out(path, n, "not the expected number of fields");
        if (n == 1 || strcmp(f[0], "setting") == 0)
            continue;
        if (!size)
            append(rows, path, n, f, f[2], f[3], f[3]);
        else if (strcmp(f[2], size) == 0 &&
                 (strcmp(f[3], optimizer) == 0 || strcmp(f[3], "any") == 0))
            append(rows, path, n, f, f[4], f[5], f[6]);
    }
    fclose(file);
}

static const struct row *find(const struct rows *rows, const char *quantity, const char *name,
                              int step)
{
    for (int i = 0; i < rows->count; i++)
        if (rows->row[i].step == step && strcmp(rows->row[i].name, name) == 0 &&
            strcmp(rows->row[i].quantity, quantity) == 0)
            return &rows->row[i];
    return NULL;
}

static void result(bool good, const char *what)
{
    printf("%s - %s: %s\n", good ? "ok" : "not ok", label, what);
}

/*
 * What an absolute difference is measured by. A single mean of a batch norm may be any small
 * number by chance, so it is measured by its channel's standard deviation (times the 0.1 with which
 * both enter the running values) where that is larger.
 */
static double scale_of(const struct row *r)
{
    char var[24];
    if (strcmp(r->quantity, "running_mean_first") != 0 &&
        strcmp(r->quantity, "running_mean_middle") != 0)
        return fabs(r->fp32);
    snprintf(var, sizeof var, "running_var_%s", r->quantity + strlen("running_mean_"));
    const struct row *v = find(&reference, var, r->name, r->step);
    const double batch_var = v ? (v->fp32 - 0.9) / 0.1 : 0.0;
    return fmax(fabs(r->fp32), batch_var > 0 ? 0.1 * sqrt(batch_var) : 0.0);
}

struct distance {
    int rows;
    int over;         /* rows further off than the tolerance */
    double most;      /* the largest distance */
    double fp32_most; /* the same of PyTorch's fp32 from its float64 */
    const struct row *at;
};

/* All rows of the reference whose quantity begins with `prefix`, from one step to another. */
static struct distance measure(const char *prefix, int first, int last, double tolerance)
{
    struct distance d = {0};
    for (int i = 0; i < reference.count; i++) {
        const struct row *r = &reference.row[i];
        if (strncmp(r->quantity, prefix, strlen(prefix)) != 0 || r->step < first || r->step > last)
            continue;
        const struct row *ours = find(&numbers, r->quantity, r->name, r->step);
        const double off = ours ? fabs(ours->fp32 - r->fp32) / scale_of(r) : INFINITY;
        d.rows++;
        d.over += !(off <= tolerance);
        if (!d.at || off > d.most) {
            d.most = off;
            d.at = r;
        }
        d.fp32_most = fmax(d.fp32_most, fabs(r->fp64 - r->fp32) / scale_of(r));
    }
    return d;
}

static void report(const struct distance *d, bool good, const char *what)
{
    result(good, what);
    printf("# furthest off: %.1e%s%s; PyTorch's fp32 from its float64: %.1e\n", d->most,
           d->at && *d->at->name ? " at " : "", d->at ? d->at->name : "", d->fp32_most);
}

int main(int argc, char **argv)
{
    if (argc != 6) {
        fputs("usage: check_numbers REFERENCE NUMBERS IMAGE_SIZE OPTIMIZER LABEL\n", stderr);
        return 2;
    }
    label = argv[5];
    read_rows(&reference, argv[1], argv[3], argv[4]);
    read_rows(&numbers, argv[2], NULL, NULL);

    const struct distance first = measure("loss", 1, 1, FIRST_LOSS);
    const struct distance later = measure("loss", 2, STEPS, LATER_LOSSES);
    const struct distance grad = measure("grad_norm", 1, 1, GRAD_NORM);
    const struct distance grad_max = measure("grad_norm", 1, 1, GRAD_NORM_MAX);
    const struct distance statistics = measure("running_", 1, 1, STATISTICS);
    const struct row *parameters = find(&numbers, "parameters", "", 1);
    result(first.rows == 1 && later.rows == STEPS - 1 && grad.rows == PARAMETERS &&
               statistics.rows == STATISTICS_ROWS &&
               numbers.count == STEPS + 1 + PARAMETERS + STATISTICS_ROWS && parameters &&
               parameters->fp32 == PARAMETER_COUNT,
           "60,192,808 parameters, 467 gradients, statistics of 155 batch norms, five losses");
    report(&first, first.over == 0, "loss of step 1 within 1e-5");
    report(&grad, grad.over <= (1.0 - GRAD_SHARE) * grad.rows,
           "gradient norms of step 1 within 1e-3 for 95 %");
    printf("# %d of %d are further off than 1e-3\n", grad.over, grad.rows);
    report(&grad_max, grad_max.over == 0, "gradient norms of step 1 within 2e-2 for all");
    report(&later, later.over == 0, "losses of steps 2 to 5 within 1e-2");
    report(&statistics, statistics.over == 0, "running statistics after step 1 within 1e-4");
    return 0;
}
