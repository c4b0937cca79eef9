-- Dagster's records are kept apart from the product's tables; run once, when the volume is new.
create database dagster;
