# The title's two lines: `heading`, and what it is about: batch_text (may be empty), the card or the
# device of the CSV, and note.
device_text = card ne '' ? card : strstrt(device, 'softgpu') == 1 ? 'softgpu (CPU): CPU times' : device
set label 1001 heading
set label 1002 batch_text.(batch_text eq '' ? '' : '  ·  ').device_text.(note eq '' ? '' : '  ·  '.note)
