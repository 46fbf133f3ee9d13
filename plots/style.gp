# What every figure shares: colours, font, size, terminal, units, titles, and the check of the input.
# A figure sets `figure` (its file's name without ending) and `folder` (where its CSVs are and where
# it goes), loads this file, draws, and loads finish.gp.
#
# Set by the user, as in gnuplot -e "dir='reports/batch_004'; format='svg'" plots/memory_timeline.gp
#   format     png (default), svg or pdf
#   graphprof  the command that checks the CSVs (default: build/graphprof beside plots/)
#   card       the GPU's name; without it the CSV's device stands in the title
#   note       what else the title shall say: precision, layout, optimizer, image size

if (!exists('format')) format = 'png'
if (!exists('graphprof')) graphprof = plots.'/../build/graphprof'
if (!exists('card')) card = ''
if (!exists('note')) note = ''

quoted(s) = "'".s."'"
if (strstrt(folder, "'") > 0) print 'plots: the folder name '.folder.' holds a quote'; exit status 2

# --- terminal: 1280 x 800 points in each format ---
output_part = folder.'/.'.figure.'.part'
output_file = folder.'/'.figure.'.'.format
if (format eq 'png') {
    set terminal pngcairo size 1280,800 font 'DejaVu Sans,12' background rgb 'white'
} else { if (format eq 'svg') {
    set terminal svg size 1280,800 dynamic font 'DejaVu Sans,14' background rgb 'white'
} else { if (format eq 'pdf') {
    set terminal pdfcairo size 13.33in,8.33in font 'DejaVu Sans,14' background rgb 'white'
} else {
    print 'plots: format: expected png, svg or pdf, found '.format
    exit status 2
}}}

# --- colours: Okabe and Ito's palette for roles, Tol's medium-contrast one for phases ---
role_colour(r) = \
    r eq 'parameter'       ? '#0072B2' : r eq 'buffer'     ? '#56B4E9' : \
    r eq 'gradient'        ? '#E69F00' : r eq 'opt_state'  ? '#CC79A7' : \
    r eq 'activation'      ? '#009E73' : r eq 'activation_grad' ? '#F0E442' : \
    r eq 'workspace'       ? '#D55E00' : r eq 'input'      ? '#5B4A9E' : \
    r eq 'library'         ? '#A0A0A0' : '#404040'
# text on an area of the role's colour
text_on(r) = r eq 'parameter' || r eq 'activation' || r eq 'workspace' || r eq 'input' || r eq 'other' ? 'white' : '#202020'
role_title(r) = \
    r eq 'activation_grad' ? 'activation gradient' : r eq 'opt_state' ? 'optimizer state' : r
phases = 'forward backward optimizer other'
phase_of(gtype) = gtype eq 'forward' ? 1 : gtype eq 'backward' ? 2 : gtype eq 'optimizer' ? 3 : 4
phase_colour(i) = word('#6699CC #994455 #EECC66 #BBBBBB', i)
phase_tint(i) = word('#E8F0F8 #F7E9EC #FCF6E2 #F4F4F4', i)
batch_colour(i, n) = \
    word('#440154 #3B528B #21918C #5EC962 #D8C81A', n < 2 ? 1 : 1 + int(floor((i - 1) * 4.0 / (n - 1) + 0.5)))

# --- units and names ---
MiB = 1048576.0
is_op(node_type) = node_type eq 'op'
is_gpu_time(time_source) = time_source eq 'cupti' || time_source eq 'event'
# A name that is too long for its place keeps both ends: forward/layer3.22...conv2
cut(s, n) = strlen(s) <= n ? s : s[1:n/2 - 1].'…'.s[strlen(s) - n/2 + 2:*]
nice(bytes) = bytes < 10*MiB ? sprintf('%.2f MiB', bytes / MiB) : sprintf('%.1f MiB', bytes / MiB)

# --- the look ---
# In the C locale gnuplot warns here that it has no degree sign; nothing uses one. LC_ALL=C.UTF-8 is silent.
set encoding utf8
set border 3 lc rgb '#606060'
set tics nomirror out textcolor rgb '#303030' noenhanced
set grid ytics lc rgb '#E0E0E0' lw 1
set key outside right top reverse Left samplen 1.5 spacing 1.2 noenhanced
set style fill solid 1.0 noborder
set tmargin at screen 0.885
set label 1001 '' at screen 0.02, 0.965 font ',16' noenhanced
set label 1002 '' at screen 0.02, 0.925 font ',12' tc rgb '#606060' noenhanced

# --- the input: checked by the same reader as everywhere, before anything is drawn ---
set datafile separator comma
set datafile columnheaders
check(folders) = system(quoted(graphprof).' check_csv '.folders.' 1>&2')
roles_of(csv) = system("head -n 1 ".quoted(csv)." | tr -d '\\r' | tr ',' '\\n' | sed -n 's/^peak_\\(.*\\)_bytes$/\\1/p' | tr '\\n' ' '")
