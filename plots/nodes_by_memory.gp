# The nodes that add most live memory while they run: outputs that stay, and what is only there
# inside (workspace and the like).
#   gnuplot -e "dir='reports/batch_004'" plots/nodes_by_memory.gp
figure = 'nodes_by_memory'
heading = 'Nodes with most memory'
plots = system("dirname '".ARG0."'")
load plots.'/folder.gp'
value = "(column('median_peak_mem_bytes') - column('median_active_mem_bytes'))"
load plots.'/top.gp'

array OUTPUTS[most]
note_outputs(k, bytes) = k > 0 ? (OUTPUTS[k] = bytes) : 0
stats nodes using (note_outputs(rank_of(int($0)), column('median_memory_size_bytes')), 0) nooutput
heading = sprintf('The %d nodes that add most live memory while they run', n_top)
load plots.'/about.gp'

# a node may free before its peak: then the outputs alone are more than what it adds
set print $top
do for [k = 1:n_top] {
    print (OUTPUTS[k] < TOP_value[k] ? OUTPUTS[k] : TOP_value[k]) / MiB, TOP_value[k] / MiB, TOP_phase[k]
}
unset print
set datafile separator whitespace
set datafile nocolumnheaders
load plots.'/bars.gp'
set xlabel 'peak inside the node less live memory when it begins (MiB); solid: its outputs, pale: only while it runs'

set output output_part
plot for [i = 1:4] $top using ($3 == i ? 0 : NaN):0:(0):1:($0 - 0.38):($0 + 0.38) with boxxyerror \
         fc rgb phase_colour(i) title has_phase(i) ? word(phases, i) : '', \
     for [i = 1:4] $top using ($3 == i ? $1 : NaN):0:1:2:($0 - 0.38):($0 + 0.38) with boxxyerror \
         fc rgb phase_colour(i) fs transparent solid 0.35 noborder notitle
load plots.'/finish.gp'
