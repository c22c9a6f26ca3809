-- Vectors of what agents look up, for servers without pgvector: 32-bit floats, little-endian.

alter table app.knowledge_chunks add column if not exists vector bytea;
