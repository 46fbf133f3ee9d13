# What a larger batch costs and what it gives: bytes of activations with their straight line of
# least squares, and images a second.
#   gnuplot -e "reports='reports'" plots/activations_and_throughput.gp
figure = 'activations_and_throughput'
heading = 'Activations and throughput against batch size'
plots = system("dirname '".ARG0."'")
load plots.'/sweep.gp'

array Y[n_batches]
do for [i = 1:n_batches] { Y[i] = ACTIVATIONS[i] / MiB }
load plots.'/line_fit.gp'
set print $sizes
do for [i = 1:n_batches] { print BATCH[i], Y[i], BATCH[i] / WALL[i] * 1e3 }
unset print
set datafile separator whitespace
set datafile nocolumnheaders

set xlabel 'batch size (images a step)'
set xrange [0:BATCH[n_batches] * 1.1]
set yrange [0:*]
set key inside left top
set bmargin at screen 0.1

set output output_part
set multiplot
set lmargin at screen 0.085
set rmargin at screen 0.49
set ylabel 'most activations live at once (MiB)'
plot [*:*] [0:Y[n_batches] * 1.2] intercept + slope * x with lines lw 2 lc rgb '#7FCFB9' \
         title sprintf('%.2f MiB x batch %+.2f MiB   (r² = %.6f)', slope, intercept, r2), \
     $sizes using 1:2 with points pt 7 ps 1.8 lc rgb role_colour('activation') title 'recorded'
unset label 1001
unset label 1002
set lmargin at screen 0.58
set rmargin at screen 0.985
set ylabel wall_text eq 'time of a step (ms)' ? 'throughput (images/s)' : 'throughput (images in a second of GPU time)'
plot $sizes using 1:3 with linespoints pt 7 ps 1.8 lw 2 lc rgb '#1F3B57' notitle, \
     $sizes using 1:3:(sprintf('%.1f', $3)) with labels left offset 0.9, -0.7 font ',11' notitle
unset multiplot
load plots.'/finish.gp'
