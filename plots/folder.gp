# The input of a figure about one batch size: checks dir/nodes.csv and dir/tensors.csv, then gives
# nodes and tensors (file names), roles (in the order of the stack), n_roles, peak_of(i), steps, on_host and ms_unit.
if (!exists('dir')) print 'plots: no folder: gnuplot -e "dir=''reports/batch_004''" plots/'.figure.'.gp'; exit status 2
folder = dir
load plots.'/style.gp'
checked = check(quoted(dir))
if (GPVAL_SYSTEM_ERRNO != 0) exit status 2

nodes = dir.'/nodes.csv'
tensors = dir.'/tensors.csv'
roles = roles_of(nodes)
n_roles = words(roles)
peak_of(i) = column('peak_'.word(roles, i).'_bytes')
steps = 0
n_gpu_times = 0
stats nodes using (device = strcol('device'), steps = column('steps') > steps ? int(column('steps')) : steps, \
                   n_gpu_times = n_gpu_times + is_gpu_time(strcol('time_source')), 0) nooutput
# on a card, host time is what a node's calls cost the CPU; the CPU stand-in works in that time
on_host = n_gpu_times == 0 && strstrt(device, 'softgpu') != 1
ms_unit = on_host ? 'ms of host time' : n_gpu_times > 0 ? 'ms of GPU time' : 'ms'

# reports/batch_004 -> batch 4; a folder of another name stands there as it is
batch_name = system('basename '.quoted(dir))
batch_text = strstrt(batch_name, 'batch_') == 1 ? sprintf('batch %d', int(real(batch_name[7:*].'.0'))) : batch_name
load plots.'/about.gp'
