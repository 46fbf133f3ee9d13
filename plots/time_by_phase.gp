# Where the time of a step goes at each batch size: by phase, and by the kind of work.
#   gnuplot -e "reports='reports'" plots/time_by_phase.gp
figure = 'time_by_phase'
heading = 'Where the time of a step goes'
plots = system("dirname '".ARG0."'")
load plots.'/sweep.gp'

# the kind of a node's work, from the API or kernel that does it
kinds = "convolution batch_norm activation pooling matrix copy own_kernel"
has(op, part) = strstrt(op, part) > 0
kind_of(op) = has(op, 'Convolution') ? 1 : has(op, 'BatchNorm') ? 2 : \
    has(op, 'Activation') || has(op, 'OpTensor') || has(op, 'AddTensor') || has(op, 'add_relu') || has(op, 'Softmax') ? 3 : \
    has(op, 'Pooling') || has(op, '_pool_') ? 4 : \
    has(op, 'gemm') || has(op, 'Gemm') || has(op, 'Matmul') || has(op, 'gemv') ? 5 : \
    has(op, 'Memcpy') || has(op, 'Memset') ? 6 : 7
kind_title(k) = word('convolution batch~norm activation~and~add pooling matrix~product copy~and~set own~kernels', k)
kind_colour(k) = word('#77AADD #EE8866 #44BB99 #EEDD88 #FFAABB #99DDFF #AAAAAA', k)
spaced(s) = strstrt(s, '~') ? spaced(s[1:strstrt(s, '~') - 1].' '.s[strstrt(s, '~') + 1:*]) : s

n_kinds = 7
array KIND[n_batches * n_kinds]
kind_at(i, k) = (i - 1) * n_kinds + k
note_kind(j, ms) = (KIND[j] = KIND[j] + ms)
longest = 0.0
do for [i = 1:n_batches] {
    do for [k = 1:n_kinds] { KIND[kind_at(i, k)] = 0.0 }
    stats NODES[i] using (is_op(strcol('node_type')) ? note_kind(kind_at(i, kind_of(strcol('op'))), column('median_run_time_ms')) : 0, 0) nooutput
    longest = STEP[i] > longest ? STEP[i] : longest
}

# $time: place, then tops of the four phases, then tops of the kinds
set print $time
do for [i = 1:n_batches] {
    line = sprintf('%d', i)
    top = 0.0
    do for [k = 1:4] { top = top + PHASE[at(i, k)]; line = line.sprintf(' %.9g', top) }
    top = 0.0
    do for [k = 1:n_kinds] { top = top + KIND[kind_at(i, k)]; line = line.sprintf(' %.9g', top) }
    print line
}
unset print
phases_shown = ''
do for [k = 4:1:-1] { most = 0.0; do for [i = 1:n_batches] { most = most + PHASE[at(i, k)] }; if (most > 0) { phases_shown = phases_shown.sprintf(' %d', k) } }
kinds_shown = ''
do for [k = n_kinds:1:-1] { most = 0.0; do for [i = 1:n_batches] { most = most + KIND[kind_at(i, k)] }; if (most > 0) { kinds_shown = kinds_shown.sprintf(' %d', k) } }
set datafile separator whitespace
set datafile nocolumnheaders

set xlabel 'batch size (images a step)'
set ylabel step_text
set xrange [0.4:n_batches + 0.6]
set yrange [0:longest * 1.08]
set xtics scale 0 ('' 1)
do for [i = 1:n_batches] { set xtics add (sprintf('%d', BATCH[i]) i) }
do for [i = 1:n_batches] { set label 10 + i sprintf('%.1f', STEP[i]) at i, STEP[i] center offset 0, 0.6 front font ',11' }
set bmargin at screen 0.2

set output output_part
set multiplot
set lmargin at screen 0.085
set rmargin at screen 0.49
set key at screen 0.30, 0.12 center top horizontal maxcols 4
# the top of a part, and of the one below it
phase_top(p) = p < 1 ? 0 : column(1 + p)
kind_top(k) = k < 1 ? 0 : column(5 + k)
plot for [p in phases_shown] $time using 1:1:($1 - 0.36):($1 + 0.36):(phase_top(int(p) - 1)):(phase_top(int(p))) \
    with boxxyerror fc rgb phase_colour(int(p)) title word(phases, int(p))
unset label 1001
unset label 1002
set lmargin at screen 0.58
set rmargin at screen 0.985
set key at screen 0.785, 0.12 center top horizontal maxcols 3
plot for [k in kinds_shown] $time using 1:1:($1 - 0.36):($1 + 0.36):(kind_top(int(k) - 1)):(kind_top(int(k))) \
    with boxxyerror fc rgb kind_colour(int(k)) title spaced(kind_title(int(k)))
unset multiplot
load plots.'/finish.gp'
