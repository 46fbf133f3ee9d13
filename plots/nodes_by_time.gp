# The nodes that take most time in a step, with their spread over steps, coloured by phase.
#   gnuplot -e "dir='reports/batch_004'" plots/nodes_by_time.gp
figure = 'nodes_by_time'
heading = 'Nodes with most time'
plots = system("dirname '".ARG0."'")
load plots.'/folder.gp'
value = "column('median_run_time_ms')"
load plots.'/top.gp'

array MAD[most]
note_mad(k, mad) = k > 0 ? (MAD[k] = mad) : 0
stats nodes using (note_mad(rank_of(int($0)), column('mad_run_time_ms')), 0) nooutput
shown = 0.0
do for [k = 1:n_top] { shown = shown + TOP_value[k] }
heading = sprintf('The %d nodes with most time: %.1f of %.1f ms a step', n_top, shown, total)
load plots.'/about.gp'

set print $top
do for [k = 1:n_top] { print TOP_value[k], MAD[k], TOP_phase[k] }
unset print
set datafile separator whitespace
set datafile nocolumnheaders
load plots.'/bars.gp'
set xlabel sprintf('time in the node a step (%s; median of %d steps, whisker: median absolute deviation)', ms_unit, steps)

set output output_part
plot for [i = 1:4] $top using ($3 == i ? 0 : NaN):0:(0):1:($0 - 0.38):($0 + 0.38) with boxxyerror \
         fc rgb phase_colour(i) title has_phase(i) ? word(phases, i) : '', \
     $top using 1:0:2 with xerrorbars pt -1 lc rgb '#303030' notitle
load plots.'/finish.gp'
