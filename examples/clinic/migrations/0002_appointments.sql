create table appointments (
  id text primary key,
  patient text not null,
  at text not null
) strict;
