"""The story behind `make demo`: a two-way sync at work, each claim checked on both sides."""
