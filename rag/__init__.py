"""Knowledge under rights: documents, chunks, grants and search. Empty until documents arrive."""
