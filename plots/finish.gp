# Ends a figure: only a whole picture gets its name.
unset output
system('mv -f '.quoted(output_part).' '.quoted(output_file))
