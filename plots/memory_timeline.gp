# Live bytes over one training step, stacked by role, phases shaded, the peak marked.
# A node is as wide as its median time, or as any other (by='node'), and as high as its median peak.
#   gnuplot -e "dir='reports/batch_004'" plots/memory_timeline.gp
figure = 'memory_timeline'
heading = 'Memory over a training step, by role'
plots = system("dirname '".ARG0."'")
load plots.'/folder.gp'
load plots.'/step.gp'

set xlabel by eq 'time' ? sprintf('time since the step began (%s; median of %d steps)', ms_unit, steps) : \
    sprintf('node, in the order of execution (%d nodes; median of %d steps)', int(step_end), steps)
set ylabel 'live device memory (MiB)'
set xrange [0:step_end]
set yrange [0:peak_mib * 1.2]
do for [i = 1:3] {
    if (PHASE_width[i] > 0.09 * step_end) {
        set label 100 + i word(phases, i) at PHASE_middle[i], graph 0.97 center tc rgb '#505050' front
    }
}
# beside the mark, on the side that has room
to_right = peak_at < step_end * 0.5
set label 1 sprintf('peak %s', nice(top)) at peak_at, peak_mib * 1.09 point pt 11 ps 1.2 lc rgb 'black' front
set label 2 cut(peak_name, 48) at peak_at, peak_mib * 1.05 front noenhanced font ',10'
if (to_right) { set label 1 left offset 1,0; set label 2 left offset 1,0 } \
else { set label 1 right offset -1,0; set label 2 right offset -1,0 }

used(i) = role_most[i] > 0
array role_most[n_roles]
do for [i = 1:n_roles] {
    stats $step using (column(3 + i) - (i > 1 ? column(2 + i) : 0)) nooutput name 'ROLE'
    role_most[i] = ROLE_max
}
shown = ''
do for [i = n_roles:1:-1] { if (used(i)) { shown = shown.sprintf(' %d', i) } }

set output output_part
plot for [i = 1:3] $step using 1:(column(2) == i ? peak_mib * 1.2 : 0) with fillsteps lc rgb phase_tint(i) notitle, \
     for [k = 1:words(shown)] $step using 1:(column(3 + int(word(shown, k)))) with fillsteps \
         lc rgb role_colour(word(roles, int(word(shown, k)))) title role_title(word(roles, int(word(shown, k))))
load plots.'/finish.gp'
