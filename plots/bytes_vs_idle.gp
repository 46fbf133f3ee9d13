# What to recompute or to swap out: each tensor of a step that waits between its last forward and its
# first backward use, by its bytes and by how long it waits. The further up and right, the more is
# won; along a thin line bytes x time is the same, and the names are those of most bytes x time.
# Left out, and counted: tensors of less than a thousandth of the largest one's bytes.
#   gnuplot -e "dir='reports/batch_004'" plots/bytes_vs_idle.gp
figure = 'bytes_vs_idle'
heading = 'Bytes against idle time'
plots = system("dirname '".ARG0."'")
load plots.'/folder.gp'

# the waiting tensors that are made and freed in each step, kept in arrays to find the largest products
waits = "(column('idle_ms') > 0 && column('producer_rank') >= 0 && column('free_rank') >= 0)"
largest = 0.0
stats tensors using (largest = @waits && column('bytes') > largest ? column('bytes') : largest, 0) nooutput
n_small = 0
small_bytes = 0.0
stats tensors using (0) nooutput name 'ALL'
array IDLE[ALL_records]
array BYTES[ALL_records]
array NAME[ALL_records]
array ROLE[ALL_records]
n_idle = 0
idle_bytes = 0.0
longest = 0.0
shortest = 1e30
smallest = 1e30
keep(ms, bytes) = (n_idle = n_idle + 1, IDLE[n_idle] = ms, BYTES[n_idle] = bytes, NAME[n_idle] = strcol('name'), \
    ROLE[n_idle] = strcol('node_type'), idle_bytes = idle_bytes + bytes, \
    longest = ms > longest ? ms : longest, shortest = ms < shortest ? ms : shortest, \
    smallest = bytes < smallest ? bytes : smallest)
leave_out(bytes) = (n_small = n_small + 1, small_bytes = small_bytes + bytes)
sort_out(ms, bytes) = bytes < largest / 1000 ? leave_out(bytes) : keep(ms, bytes)
stats tensors using (@waits ? sort_out(column('idle_ms'), column('bytes')) : 0, 0) nooutput
if (n_idle == 0) {
    print tensors.': column idle_ms: expected a tensor that waits (more than 0), found none'
    exit status 2
}
heading = sprintf('What waits between forward and backward: %d tensors, %s', n_idle, nice(idle_bytes))
load plots.'/about.gp'

set logscale xy
x_low = shortest / 1.5
x_high = longest * 1.5
y_low = smallest / MiB / 1.8
y_high = largest / MiB * 2.5
set xrange [x_low:x_high]
set yrange [y_low:y_high]
set format xy '%g'
set xlabel sprintf('idle from last forward to first backward use (%s)', ms_unit)
set ylabel 'bytes of the tensor (MiB)'
if (n_small > 0) { set label 3 sprintf("besides: %d\nsmall ones,\n%s", n_small, nice(small_bytes)) at graph 1.025, graph 0.5 tc rgb '#505050' }
set grid xtics ytics mxtics mytics lc rgb '#E8E8E8', lc rgb '#F4F4F4'

# names, from the largest product down to a fiftieth of it; none lies over another
width = log(x_high / x_low)
height = log(y_high / y_low)
product_of(i) = IDLE[i] * BYTES[i]
near(a, b) = abs(log(IDLE[a] / IDLE[b])) < 0.2 * width && abs(log(BYTES[a] / BYTES[b])) < 0.035 * height
array FREE[n_idle]
do for [i = 1:n_idle] { FREE[i] = 1 }
most_product = 0.0
do for [k = 1:10] {
    best = 0
    do for [i = 1:n_idle] { if (FREE[i] && (best == 0 || product_of(i) > product_of(best))) { best = i } }
    if (best > 0) {
        if (k == 1) { most_product = product_of(best) }
        if (product_of(best) > most_product / 50) {
            set label 200 + k cut(NAME[best], 30) at IDLE[best], BYTES[best] / MiB right offset -0.5, 0.7 \
                font ',10' tc rgb '#303030' front noenhanced
        }
        do for [i = 1:n_idle] { if (near(i, best)) { FREE[i] = 0 } }
    }
}

set print $idle
do for [i = 1:n_idle] { print sprintf('%.9g %.9g %s', IDLE[i], BYTES[i] / MiB, ROLE[i]) }
unset print
set datafile separator whitespace
set datafile nocolumnheaders
shown = ''
do for [i = n_roles:1:-1] {
    do for [j = 1:n_idle] { if (ROLE[j] eq word(roles, i) && strstrt(shown.' ', ' '.word(roles, i).' ') == 0) { shown = shown.' '.word(roles, i) } }
}
product(k) = longest * largest / MiB / 10.0**k

set output output_part
plot for [k = 0:6] product(k) / x with lines lc rgb '#D0D0D0' lw 1 notitle, \
     for [k = 1:words(shown)] $idle using (strcol(3) eq word(shown, k) ? $1 : NaN):2 with points pt 7 ps 1 \
         lc rgb '#60'.role_colour(word(shown, k))[2:*] notitle, \
     for [k = 1:words(shown)] NaN with points pt 7 ps 1.5 lc rgb role_colour(word(shown, k)) title role_title(word(shown, k))
load plots.'/finish.gp'
