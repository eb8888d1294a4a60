//! Who is calling: Signature Version 4, access keys and accounts.
