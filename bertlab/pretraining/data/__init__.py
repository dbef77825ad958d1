"""From text files to batches: documents, token ids, packed inputs, masks."""
