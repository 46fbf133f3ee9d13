# The input of a figure over all batch sizes: checks the folders reports/batch_NNN (all that there
# are, or those of `batches`, as in '4 8 16'), then gives, in ascending order of i:
#   n_batches, BATCH[i] (images a step), NODES[i] (its nodes.csv), roles, n_roles
#   PEAK[i] (bytes), ROLE[at(i, r)] (bytes of role r at that peak)
#   STEP[i] (ms, the sum of its nodes), PHASE[at(i, p)] (ms of it in phase p), step_text (whose time)
#   WALL[i] (ms from a step's begin to its end), wall_text: the same, but where the nodes' time is the
#   GPU's, which may be idle for a part: then `step_times`, as in '44.8 54.6', if it was given
#   ACTIVATIONS[i] (most bytes of activations in any node)
if (!exists('reports')) print 'plots: no folder: gnuplot -e "reports=''reports''" plots/'.figure.'.gp'; exit status 2
folder = reports
load plots.'/style.gp'
if (exists('batches')) {
    names = ''
    do for [b in batches] { names = names.sprintf(' batch_%03d', int(real(b.'.0'))) }
} else {
    names = system('cd '.quoted(reports).' 2>/dev/null && ls -d batch_[0-9]* 2>/dev/null | sort -t_ -k2n')
}
n_batches = words(names)
if (n_batches == 0) {
    print reports.': expected folders batch_NNN, found none'
    exit status 2
}
folders = ''
do for [name in names] { folders = folders.' '.quoted(reports.'/'.name) }
checked = check(folders)
if (GPVAL_SYSTEM_ERRNO != 0) exit status 2

array BATCH[n_batches]
array NODES[n_batches]
do for [i = 1:n_batches] {
    BATCH[i] = int(real(word(names, i)[7:*].'.0'))
    NODES[i] = reports.'/'.word(names, i).'/nodes.csv'
}
roles = roles_of(NODES[1])
n_roles = words(roles)
peak_of(r) = column('peak_'.word(roles, r).'_bytes')
activation = (sum [r = 1:n_roles] (word(roles, r) eq 'activation' ? r : 0))
at(i, k) = (i - 1) * n_roles + k
n_gpu_times = 0
stats NODES[1] using (device = strcol('device'), n_gpu_times = n_gpu_times + is_gpu_time(strcol('time_source')), 0) nooutput
step_text = n_gpu_times > 0 ? 'GPU time of a step (ms)' : 'time of a step (ms)'
batch_text = sprintf('batch %d to %d', BATCH[1], BATCH[n_batches])
load plots.'/about.gp'

array PEAK[n_batches]
array ROLE[n_batches * n_roles]
array STEP[n_batches]
array PHASE[n_batches * n_roles]
array ACTIVATIONS[n_batches]
note_roles(i) = (sum [r = 1:n_roles] (ROLE[at(i, r)] = peak_of(r), 0))
note_peak(i, bytes) = bytes > PEAK[i] ? (PEAK[i] = bytes, note_roles(i)) : 0
note_activations(i, bytes) = ACTIVATIONS[i] = bytes > ACTIVATIONS[i] ? bytes : ACTIVATIONS[i]
note_time(i, k, ms) = (STEP[i] = STEP[i] + ms, PHASE[k] = PHASE[k] + ms)
note_op(i) = (note_peak(i, column('median_peak_mem_bytes')), note_activations(i, peak_of(activation)), \
              note_time(i, at(i, phase_of(strcol('gtype'))), column('median_run_time_ms')))
do for [i = 1:n_batches] {
    PEAK[i] = 0
    STEP[i] = 0.0
    ACTIVATIONS[i] = 0
    do for [k = 1:n_roles] { ROLE[at(i, k)] = 0; PHASE[at(i, k)] = 0.0 }
    stats NODES[i] using (is_op(strcol('node_type')) ? note_op(i) : 0, 0) nooutput
}
array WALL[n_batches]
if (!exists('step_times')) step_times = ''
has_wall = n_gpu_times > 0 && words(step_times) == n_batches
do for [i = 1:n_batches] { WALL[i] = has_wall ? real(word(step_times, i)) : STEP[i] }
wall_text = has_wall ? 'time of a step (ms)' : step_text
