create table u (a UInt8 default 'x') engine = Memory
insert into t values ('x', 'x', [1])
insert into t (a) select 'x'
select cast(b as UInt8) from t
select toUInt8(b) from t
select toUInt8('bad')
select cast('x' as UInt8)
select bitTest(a, 100) from t
select quantile(2)(a) from t
select quantile(2)(1)
insert into t (a, a) values (1, 2)
insert into t (a, nope) values (1, 2)
create table u (a UInt8) engine = Memory as select 1, 2
insert into t (a) select 1, 2
insert into t select 1, 'x'
create table u (a UInt8, b UInt8) engine = MergeTree order by a primary key b
create table u (a UInt8, b UInt8) engine = MergeTree order by (a, b) primary key b
select tupleElement((a, b), 'x') from t
select splitByChar('ab', b) from t
select * from t order by 9
select * from t group by 9
select dateDiff('nope', toDate('2020-01-01'), toDate('2020-01-02'))
select 1 order by 5
select 1 order by 0
select number from numbers(2) group by 3
select x -> x
select (1, 2).a
select quantile(number)(1) from numbers(1)
select fi(1)
select toDate(b) from t
select date 'x'
select toDate('2020-01-01') = 'x'
select toDate('2020-01-01') > 'x'
select toDate('2020-01-01') < 'x'
select toDate('bad')
select toDateTime(b) from t
select timestamp 'x'
select toDateTime('bad')
create table u (a FixedString) engine = Memory
create table u (a Array) engine = Memory
create table u (a Array(UInt8, UInt8)) engine = Memory
select if(a, 1) from t
select if(a) from t
select multiIf(a, 1) from t
select arrayMap(c) from t
select arrayElement(c) from t
select indexOf(c) from t
select sum() from t
select sum(a, a) from t
select count(a, a) from t
select min() from t
select min(a, a) from t
select argMin(a) from t
select quantile(0.5, 0.6)(a) from t
select sumIf(a) from t
select sumIf(a, a, a) from t
select countIf() from t
select uniq() from t
select any() from t
select groupArray() from t
select toTypeName()
select materialize()
select e(1), pi()
select pow(a) from t
select greatest() from t
select ifNull(a) from t
select isNull() from t
select assumeNotNull() from t
select * from numbers(1, 2, 3, 4, 5)
select plus(1)
select plus(1,2,3)
select sum(1, 2)
select sum()
select multiIf(1, 2)
select toUInt8(1, 2)
select toTypeName(1, 2)
select max(1, 2)
select argMax(1)
select uniq()
select sumIf(1)
create table u (a Nullable(Array(UInt8))) engine = Memory
create table u (a Nullable(Nullable(UInt8))) engine = Memory
select b + 1 from t
select c + 1 from t
select c[b] from t
select a[1] from t
select b[1] from t
select a.1 from t
select not b from t
select -b from t
select -c from t
select a and b from t
select c = a from t
select a like 'x' from t
select b like a from t
select b like 1 from t
select if(b, 1, 2) from t
select case when b then 1 else 2 end from t
select cast(a, 1) from t
select toUInt8(c) from t
select bitAnd(a, b) from t
select bitAnd(a, 1.5) from t
select bitShiftLeft(a, b) from t
select length(a) from t
select lower(a) from t
select upper(c) from t
select substring(a, 1) from t
select substring(b, 'x') from t
select position(a, b) from t
select repeat(b, b) from t
select reverse(a) from t
select arrayMap(x -> x, a) from t
select arrayMap(c, c) from t
select arrayMap((x, y) -> x, c) from t
select arrayMap(x -> x, c, c) from t
select arrayFilter(x -> 'a', c) from t
select arrayFilter(x -> c, c) from t
select arraySort(a) from t
select arrayConcat(c, a) from t
select has(a, 1) from t
select range(b) from t
select sum(b) from t
select sum(c) from t
select avg(b) from t
select groupBitAnd(b) from t
select groupBitAnd(1.5) from t
select stddevSamp(b) from t
select quantile(b) from t
select sumIf(a, b) from t
select countIf(b) from t
select hex(c) from t
select unhex(a) from t
select exp(b) from t
select round(b) from t
select round(a, b) from t
select throwIf(b) from t
select * from numbers('x')
select 1..2
select toYear(1)
select toYear('2020-01-01')
select toDate('2020-01-01') + toDate('2020-01-01')
select toDate('2020-01-01') * 2
select toDate('2020-01-01') = 1
select 'a' + 1
select [1,2][1.5]
select length(1)
select sum('a')
select avg('a')
select if('a', 1, 2)
select arrayMap(x -> x, 1)
select arrayMap((x, y) -> x, [1])
select arrayMap(1, [1])
select substring(1, 2, 3)
select -'a'
select not 'a'
select 'a' and 1
select (1, 2) = (1, 2, 3)
select [1] = 1
select [1] = ['a']
select 'a' like 1
select 1 like 'a'
select bitAnd(1.5, 1)
select bitXor('a', 'b')
select * from numbers('a')
select sumIf(1, 'a')
select sumIf(number, number) from numbers(3)
select sumIf(number, 'a') from numbers(3)
select sumIf(number, toInt8(1)) from numbers(3)
select countIf(1.5) from numbers(3)
select if(1.5, 1, 2)
select if(toInt64(3), 1, 2)
select if(toUInt256(3), 1, 2)
select number ? 'a' : 'b' from numbers(2)
select [number] = [toString(number)] from numbers(1)
select [number] = ['a'] from numbers(1)
select [number] = number from numbers(1)
select [number] = (number, 1) from numbers(1)
select toDate(number) = number from numbers(1)
select toDate(number) = [number] from numbers(1)
create table u (a UInt8, a String) engine = Memory
select toFixedString(b, a) from t
select splitByChar(b, b) from t
select toFixedString('abc', number) from numbers(2)
create table u (a UInt8 default nope(1)) engine = Memory
insert into t (a) values (nope(1))
select nopeIf(a, 1) from t
select * from nope(1)
select nope(1)
select numbers(1)
drop function nope
select fh(1)
create table u (a UInt8) engine = MergeTree order by b
create table u (a UInt8) engine = MergeTree order by a primary key nope
create table u (a UInt8 default b) engine = Memory
create table u engine = Memory as select nope
insert into t select nope
insert into t (a) values (nope)
delete from mt where nope = 1
select a.b.c.d.e from t
select t.nope from t
select x.a from t
select default.nope.a from t
select arrayMap(x -> nope, c) from t
select * from t order by nope
select * from t join mt on nope = 1
select * from t join mt on t.a = mt.nope
select * from numbers(nope)
select nope.* from t
with x as (select nope) select * from x
with x as (select 1 as a) select b from x
select x as y, y as x
select * from (select nope from t)
select b from (select a from t)
select $1
select x
select a.b from numbers(1) a
select numbers.x from numbers(1)
select t.number from numbers(1)
select number from numbers(1) as t where x.number = 1
select a + 1 as a
select a as b, b as a
select arrayMap(x -> y, [1])
select * from numbers(2) a join numbers(2) b on c = 1
create table u (a Nope) engine = Memory
create table u (a Array(Nope)) engine = Memory
create table u (a Nullable(Nope)) engine = Memory
select cast(a as Nope) from t
select cast(a, 'Nope') from t
select cast(1 as Nope)
insert into t values (1, 'x', 1)
select a in (1, 'x') from t
select a in ('x') from t
select a between 'x' and 2 from t
select cast(a as Array(UInt8)) from t
select cast(a as Tuple(UInt8)) from t
select 1 = 'a'
select 'a' > 1
select cast(1 as Array(UInt8))
select 1 between 'a' and 2
select true = 'true', true = '1', number = '0', '0' = number, number > '-1', number = '1.5' from numbers(1)
select number = 'abc' from numbers(1)
create table u (a UInt8) engine = Nope
create table t (a UInt8) engine = Memory
rename table t to mt
select 1 where 'a'
select 1 where [1]
select 1 from numbers(2) having 'a'
drop table nope
truncate table nope
rename table nope to nope2
insert into nope values (1)
insert into t (a) select * from nope
delete from nope where 1
optimize table nope
optimize table nope final
describe table nope
select * from t, nope
select * from t join nope on 1
select * from nope
describe nope
create table u () engine = Memory
create table u (a UInt8 engine = Memory
create tabel u (a UInt8)
truncate table t nope
insert into t (a) values (1
insert into t (a) values (1 +)
select cast(a) from t
select * from t join mt
select * from t join mt on
select * from t left join
select 1 union all
select `
select 'x
select 1 /* x
select @
select #
select 1 from t where
select from t
select a b c from t
select (a from t
select a) from t
select [a from t
select a] from t
select {a} from t
select a from t where a = = 1
select a from t order
select a from t group by
select a from t limit
select a from t having
select a from from t
select case when 1 end
select case when 1 then 2
select cast(1 as)
select 1 in
select 1 between 1
select 1 not
select interval 1
select 1 +
select (1
select 'abc
select `a
select 1 << 1
select
select 1 from
select 1 2
select 1 a b
select a from (select 1
select 1 group
select 1.5 and 1, not 1.5, not NULL, toInt64(-1) and 1, 1 xor 1
select 1 limit number from numbers(1)
select (a, b).3 from t
select (a, b).0 from t
select tupleElement((a, b), 3) from t
select range(-1)
select range(1, 2, 0)
select tuple(1, 'a').3
select quantile('x')(a) from t
select quantile('a')(1)
create table u engine = Memory
create table nodb.u (a UInt8) engine = Memory
drop table nodb.nope
describe nope.nope
show create table nodb.t
use nodb
select * from nope.nope
use nope
drop database nope
create database default
set nope = 1
select 1 settings nope = 1
select toFixedString('abc', 1) from t
select 'abc'::FixedString(2)
select toFixedString('abc', 2)
select sum(1)(a) from t
select intDiv(a, 0) from t
select a % 0 from t
select modulo(a, 0) from t
select intDiv(-128, -1), intDiv(toInt8(-128), toInt8(-1))
select intDiv(1.5, 0)
select gcd(1, 0), lcm(0, 1)
select 1 / 0, intDiv(1, 0)
select intDiv(1, 0)
select 1 % 0
select modulo(1, 0)
select intDiv(1, number) from numbers(2)
create table u (a UInt8 default a) engine = Memory
create table u engine = Memory as select 1 as a, 2 as a
with 1 as x, 2 as x select x
select 1 as x, x + 1 as y, y + 1 as x
select a as a, b as a from t
select 1 as a, 2 as a
select * from numbers(2) a join numbers(2) a on 1
select * from numbers(2) a, numbers(2) a
select sum(a) from t group by sum(a)
select sum(sum(a)) from t
select a from t where sum(a) > 1
select sum(a) as s from t where s > 1
select sum(sum(1))
select 1 where sum(1) > 0
select 1 from numbers(2) group by sum(1)
select arrayMap((x, y) -> x, c, [1, 2]) from t
select arrayMap((x, y) -> x, [1], [1,2])
select x from (select 1 as x) a, (select 2 as x) b, (select 3 as x) c
select a from t group by b
select a, sum(a) from t
select number from numbers(2) group by number % 2
select number, count() from numbers(2)
create table u (a FixedString(0)) engine = Memory
create table u (a FixedString('x')) engine = Memory
select 1 union all select 1, 2
select a = b from t
select a < b from t
select c = b from t
select arrayConcat(c, ['a']) from t
select has(c, 'x') from t
select greatest(a, b) from t
select * from t join mt on t.a = mt.b
select [1, 'a']
select count() from numbers(3) a join numbers(3) b on toString(a.number) = b.number
select toDate(number) = toString(number) from numbers(1)
select toString(number) < toDateTime(number) from numbers(1)
select (number, 'a') = (toString(number), 'a') from numbers(1)
select toString(number) = [number] from numbers(1)
select toString(number) = (number, 1) from numbers(1)
select toNullable(toString(number)) = number from numbers(1)
select true = toString(number) from numbers(1)
select throwIf(1, 'oops')
select throwIf(1)
select match(b, '(') from t
select match('a', '(')
select * from t limit 'x'
select * from t limit 1.5
select 1 limit 'a'
select 1 limit 1.5
select 1 from numbers(2) limit 1 offset NULL
select 1 from numbers(2) limit NULL
select 1 from numbers(3) limit '1'
select 1 union select 1
create function plus as (a, b) -> a
create function lower as (a) -> a
