# Time of a step against batch size, with the straight line of least squares through it.
#   gnuplot -e "reports='reports'" plots/step_time.gp
figure = 'step_time'
heading = 'Time of a step against batch size'
plots = system("dirname '".ARG0."'")
load plots.'/sweep.gp'

array Y[n_batches]
do for [i = 1:n_batches] { Y[i] = WALL[i] }
load plots.'/line_fit.gp'
set print $steps
do for [i = 1:n_batches] {
    print BATCH[i], WALL[i]
    time = sprintf('%.1f ms', WALL[i])
    # on the line's far side, so that it does not cross the text; nor does the axis
    if (WALL[i] > intercept + slope * BATCH[i]) {
        if (BATCH[i] < 0.08 * BATCH[n_batches]) {
            set label time at BATCH[i], WALL[i] center offset 0, 1.2 front font ',11'
        } else {
            set label time at BATCH[i], WALL[i] right offset -0.8, 0.6 front font ',11'
        }
    } else {
        set label time at BATCH[i], WALL[i] offset 0.8, -0.8 front font ',11'
    }
}
unset print
set datafile separator whitespace
set datafile nocolumnheaders

set xlabel 'batch size (images a step)'
set ylabel wall_text
set xrange [0:BATCH[n_batches] * 1.12]
set yrange [0:WALL[n_batches] * 1.2]
set key inside left top

set output output_part
plot intercept + slope * x with lines lw 2 lc rgb '#994455' \
         title sprintf('%.3f ms x batch %+.3f ms   (r² = %.5f)', slope, intercept, r2), \
     $steps using 1:2 with points pt 7 ps 1.8 lc rgb '#1F3B57' title 'measured'
load plots.'/finish.gp'
