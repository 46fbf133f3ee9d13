# Live memory through the step at each batch size, over the same nodes.
#   gnuplot -e "reports='reports'" plots/timelines_overlaid.gp
figure = 'timelines_overlaid'
heading = 'Memory through the step, by batch size'
plots = system("dirname '".ARG0."'")
load plots.'/sweep.gp'

# each sweep has the same nodes; the longest gives the axis and the first the phases
n_ranks = 0
array FROM[4]
array TO[4]
do for [k = 1:4] { FROM[k] = 1e9; TO[k] = 0 }
reach(k, rank) = (FROM[k] = rank < FROM[k] ? rank : FROM[k], TO[k] = rank >= TO[k] ? rank + 1 : TO[k], \
                  n_ranks = rank >= n_ranks ? rank + 1 : n_ranks)
stats NODES[1] using (is_op(strcol('node_type')) ? reach(phase_of(strcol('gtype')), column('rank')) : 0, 0) nooutput
do for [k = 1:3] {
    if (TO[k] > FROM[k]) {
        set object k rectangle from FROM[k], graph 0 to TO[k], graph 1 behind fc rgb phase_tint(k) fs noborder
        if (TO[k] - FROM[k] > 0.09 * n_ranks) { set label 100 + k word(phases, k) at (FROM[k] + TO[k]) / 2.0, graph 0.97 center tc rgb '#505050' front }
    }
}
highest = 0
do for [i = 1:n_batches] { highest = PEAK[i] > highest ? PEAK[i] : highest }

set xlabel 'node, in the order of execution'
set ylabel 'most live device memory inside the node (MiB)'
set xrange [0:n_ranks]
set yrange [0:highest / MiB * 1.08]

set output output_part
plot for [i = n_batches:1:-1] NODES[i] \
    using (is_op(strcol('node_type')) ? column('rank') : NaN):(column('median_peak_mem_bytes') / MiB) with steps lw 2 \
    lc rgb batch_colour(i, n_batches) title sprintf('batch %d: %s', BATCH[i], nice(PEAK[i]))
load plots.'/finish.gp'
