create table sessions (
  token_hash text primary key,
  user text not null,
  expires_at integer not null
) strict;
