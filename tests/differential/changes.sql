create table a (k UInt32, v Int16 default k * 2, s String default concat('r', toString(k)), d Date default '2020-01-01', n Nullable(UInt8)) engine = MergeTree order by k
insert into a (k) values (3), (1), (2)
insert into a (k, v) values (5, -1)
insert into a (s, k) values ('own', 9)
insert into a values (10, default, 'x', default, NULL)
insert into a select number + 20, number, 'sel', toDate(number), number from numbers(3)
insert into a (k, v) select number + 30, 1.9 from numbers(2)
insert into a (v, k) select -1, number + 40 from numbers(2)
insert into a (k, s) select number + 50, number from numbers(2)
insert into a (k, d) select 60, '2024-02-29'
insert into a (k, d) values (61, '2024-02-29'), (62, 19000), (63, toDate('1999-01-01') + 1)
insert into a (k, n) values (70, 7), (71, NULL), (72, 1 + 1), (73, -1 + 2)
insert into a (k, s) values (80, 'it''s'), (81, 'a\tb'), (82, 'é'), (83, ''), (84, '\'')
insert into a (k, s) values (85, 5)
insert into a (k) values ('86')
insert into a (k) values (1e2), (101.0)
insert into a (k) values (102),
insert into a (k) values (103) ;
insert into a (k) values (104)(105)
insert into a (k) values (0x6A), (0b1101011)
insert into a (k, n) values (108, true), (109, false)
select * from a
select count(), sum(v), max(s) from a
delete from a where k > 100
delete from a where s = 'own' or n is null and k < 3
delete from a where k in (20, 21) and n = 1
select * from a
delete from a where 0
select count() from a
delete from a where 1
select count() from a
truncate table a
insert into a (k) select number from numbers(5)
select k, v, s from a
optimize table a
rename table a to b
select count() from b
select * from a
create table c as b
select * from c
create table d engine = Memory as select k, v + 1 as w from b
select * from d order by k
create table e (k String, w Float64) engine = Memory as select k, w from d
select * from e
describe table e
insert into e select w, k from d
select * from e
create function double as x -> x * 2
create function plus3 as (a, b, c) -> a + b + c
create function double4 as (x) -> double(plus3(x, 1, 2))
select double(4), plus3(1, 2, 3), double4(k) from b
select arrayMap(x -> double(x), [1, 2]), double(x) from (select 5 as x)
create or replace function double as x -> x * 4
select double4(1), double(3)
create function if not exists double as x -> 1
drop function double
select double4(1)
drop function if exists double
drop function double
create database db2
create table db2.t (a UInt8) engine = Memory
insert into db2.t values (7)
select * from db2.t
select t.a, db2.t.a from db2.t
use db2
select a from t
select currentDatabase()
use default
show databases like 'db%'
show tables from db2
drop database db2
exists table db2.t
create table f (a Array(Nullable(Int8)), t Tuple(UInt8, String), fs FixedString(2), b Bool, dt DateTime) engine = Memory
insert into f values ([1, NULL], (1, 'x'), 'ab', true, '2020-01-01 00:00:00'), ([], (0, ''), 'a', 0, 0), ([-1], tuple(2, 'y'), '', 'true', 1577836800)
select * from f
insert into f (fs) values ('abc')
select * from f where b
insert into f (b) values (2)
select b, b + 0 from f
insert into f (dt) values ('2020-01-01'), ('1577836801')
select dt from f
