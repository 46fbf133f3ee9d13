# Live memory at the peak of each batch size, stacked by role.
#   gnuplot -e "reports='reports'" plots/peak_breakdown.gp
figure = 'peak_breakdown'
heading = 'Where the peak comes from'
plots = system("dirname '".ARG0."'")
load plots.'/sweep.gp'

shown = ''
highest = 0
do for [i = 1:n_batches] { highest = PEAK[i] > highest ? PEAK[i] : highest }
do for [r = n_roles:1:-1] {
    most = 0
    do for [i = 1:n_batches] { most = ROLE[at(i, r)] > most ? ROLE[at(i, r)] : most }
    if (most > 0) { shown = shown.sprintf(' %d', r) }
}
role(k) = int(word(shown, k))

# $peaks: place, then for each role what stands below it and its top (MiB)
set print $peaks
do for [i = 1:n_batches] {
    line = sprintf('%d', i)
    below = 0.0
    do for [r = 1:n_roles] {
        line = line.sprintf(' %.9g %.9g', below / MiB, (below + ROLE[at(i, r)]) / MiB)
        # what fills enough of the bar is named in it
        if (ROLE[at(i, r)] > highest * 0.03) {
            set label sprintf('%.0f', ROLE[at(i, r)] / MiB) at i, (below + ROLE[at(i, r)] / 2) / MiB center front \
                font ',10' tc rgb text_on(word(roles, r))
        }
        below = below + ROLE[at(i, r)]
    }
    print line
    set label nice(PEAK[i]) at i, PEAK[i] / MiB center offset 0, 0.7 front
}
unset print
set datafile separator whitespace
set datafile nocolumnheaders

set xlabel 'batch size (images a step)'
set ylabel 'live device memory at the peak (MiB)'
set xrange [0.4:n_batches + 0.6]
set yrange [0:highest / MiB * 1.1]
set xtics scale 0 ('' 1)
do for [i = 1:n_batches] { set xtics add (sprintf('%d', BATCH[i]) i) }

set output output_part
plot for [k = 1:words(shown)] $peaks using 1:1:($1 - 0.35):($1 + 0.35):(column(2 * role(k))):(column(2 * role(k) + 1)) \
    with boxxyerror fc rgb role_colour(word(roles, role(k))) title role_title(word(roles, role(k)))
load plots.'/finish.gp'
