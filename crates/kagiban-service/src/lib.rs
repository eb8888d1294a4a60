//! All rules: the request pipeline, the handlers, authorization and the records they keep.
