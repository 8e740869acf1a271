select 18446744073709551616, toTypeName(18446744073709551616)
select -9223372036854775809
select 340282366920938463463374607431768211456
select number as x, x + 1 as y from numbers(3) where y > 1
select number % 2 as number, count() from numbers(5) group by number
select number % 2 as number, sum(number) from numbers(5) group by number
select number + 1 as number from numbers(3) where number = 1
select number + 1 as number from numbers(3) order by number desc
select distinct number % 2 as a from numbers(4) order by number
select number from numbers(3) having number > 1
select 1 having 0
select count() from numbers(0) having 0
select sum(number) as s from numbers(3) having s > 2
select number from numbers(3) order by all desc
select number % 2 as k, count() from numbers(3) group by all order by all
select number % 2 as k, number % 3 as l, count() from numbers(6) group by all order by k, l
select count(*), count(1), count() from numbers(3)
select * from (select 1 as x, 2 as y) a join (select 1 as x, 3 as z) b on a.x = b.x
select * from (select 1 as x, 2 as y) a, (select 1 as x, 3 as z) b
select a.x, b.x, x from (select 1 as x, 2 as y) a join (select 1 as x, 3 as z) b on a.x = b.x
select a.*, b.* from (select 1 as x, 2 as y) a join (select 1 as x, 3 as z) b on a.x = b.x
select * from (select 1 as x) a, (select 2 as x) b, (select 3 as x) c
select y from (select 1 as x) a, (select 2 as x) b, (select 3 as y) c
select 1 = '1'
select toDate('2020-01-01') = '2020-01-01'
select 1 in (1, NULL)
select 2 in (1, NULL)
select NULL in (1, NULL)
select number in (1, NULL) from numbers(3)
select NULL in (1)
select 1 not in (NULL)
select [1,2][0]
select ['a'][-1]
select toUInt8('300')
select toUInt8(300), toInt8(200)
select toUInt8OrZero('x'), toUInt8OrNull('x')
select 1 as a, 1 as a
select 1 union all select 2.5
select 1 union all select NULL
select concat(1, 'a', [2])
select 1 and NULL
select NULL and 0
select NULL or 1
select bitCount('abc')
select bitShiftLeft(1, 300)
select repeat('a', -1)
select toDate(1e30)
select count(distinct 1, 2)
select any(NULL)
select sumIf(1, 2) from numbers(3)
select countIf(number > 1) from numbers(5)
exists nope
select 1,
with 1 as x select x
with x as (select 1 as y) select y from x
with x as (select 1 as y) select * from x, x as z
select 1 in (1)
select 1 in (1,2), 1 in [1,2], 1 in tuple(1,2)
select number in (1), number not in (1, 2) from numbers(2)
select 'a' in ('a'), (1,2) in ((1,2),(3,4)), (1,2) in ((1,2))
select 1e16, 1e15, 1.5, 1e-7, 0.1, 1e300, 1e22, 123456789012345678.0, 0.00001, 1e-5, 12345.678e3, -1.5, - 1.5, -1, - 1, 1., .5, 0x1F, 0b11, 1e5
select 1_000, 0xFFFFFFFFFFFFFFFF, 18446744073709551615, -9223372036854775808
select NULL, null, true, TRUE, False
select 'a\'b', 'a\nb', 'a\tb', 'a\\b', 'a\0b', 'é', 'a''b', 'a\bb', 'a\rb'
select [1,2], [], [[1],[2]], ['a'], [NULL], [1, NULL], [1.5], [-1], [1,-1], [number] from numbers(1)
select (1,2), (1,), tuple(1), tuple(), (1,'a',[1]), (number, 1) from numbers(1)
select [(1,2)], ([1],2), [1+1], (1+1, 2), [toUInt8(1)]
select 1+2*3, (1+2)*3, -number, not number, number and 1 and 2, number or 1, 1 = 1 = 1 from numbers(1)
select number between 1 and 2, number not between 1 and 2 from numbers(1)
select number is null, number is not null, number like 'a' from (select toString(number) as number from numbers(1))
select cast(number as UInt8), number::UInt8, cast(number, 'UInt8'), CAST(number AS Nullable(String)), '1'::UInt8, 1::String, -1::Int8 from numbers(1)
select a[1], a[1][2] from (select [[1]] as a)
select count(), count(*), COUNT(1), Count(), sum(number), SUM(number), count(distinct number), countDistinct(number) from numbers(1)
select sumIf(number, 1), quantile(0.5)(number), quantiles(0.1, 0.5)(number), sum(distinct number), any(number) filter (where number > 1) from numbers(1)
select arrayMap(x -> x + 1, [1]), arrayMap((x, y) -> x + y, [1], [2]), arrayFilter(x -> x > 1, [1,2])
select trim(' a '), trim(both 'a' from 'aba'), substring('abc' from 2), substring('abc', 2), extract(year from toDate('2020-01-01')), position('a' in 'ba')
select date '2020-01-01', timestamp '2020-01-01 00:00:00'
select LENGTH('a'), Lower('A'), upper('a'), IF(1,2,3), ABS(-1), Abs(1), LEFT('ab',1), left('ab', 1), concat('a','b'), 'a' || 'b' || 'c', CONCAT('a')
select 5 div 2, 5 mod 2, 5 % 2, 5 DIV 2
select 1 == 1, 1 <> 2, 1 != 2
select number as x, x, x + 1, x as y, y from numbers(1)
select t.number from numbers(1) as t
select t.number, number from numbers(1) as t
select `number`, "number", n.`number` from numbers(1) n
select a.x, x from (select 1 as x) a
select a.x, b.x from (select 1 as x) a, (select 2 as x) b
select b.x from (select 1 as x) a, (select 2 as x) b
select b.y, y, a.x from (select 1 as x) a, (select 2 as y) b
select b.x + 1, a.x + 1, x + 1 from (select 1 as x) a, (select 2 as x) b
select * from (select 1 as x, 2 as y) a, (select 1 as x, 3 as z) b, (select 1 as z) c
select * from (select 1 as x) a join (select 1 as x) b on a.x = b.x join (select 1 as x) c on a.x = c.x
select * from (select 1 as x) a join (select 1 as x) b on a.x = b.x cross join (select 1 as x) c
select c.x, b.x, a.x from (select 1 as x) a, (select 2 as x) b, (select 3 as x) c
select c.x, b.x, a.x from (select 1 as x) a join (select 1 as x) b on a.x = b.x join (select 1 as x) c on a.x = c.x
select a.*, c.* from (select 1 as x) a join (select 1 as x) b on a.x = b.x join (select 1 as x) c on a.x = c.x
select *, 1 from numbers(1)
select *, * from numbers(1)
select number, number from numbers(1)
select number, number as number from numbers(1)
select * from (select number, number from numbers(1))
select * from (select 1, 2)
select `1` from (select 1, 2)
select `plus(1, 2)` from (select 1 + 2)
select * from (select 1 as x) , (select 2)
select 1 as `a b`, 2 as "c d", 3 `e`
select 1 a, 2 b
select 1 AS a from numbers(1) group by a
select number % 2 as k, k + 1, count() as c, c + 1 from numbers(4) group by k order by k
select number % 2, number % 2 + 1, count() + 1 from numbers(4) group by number % 2 order by 1
select count() from numbers(4) group by number % 2 having count() > 1 order by number % 2
select number % 2 from numbers(4) group by 1 order by 1
select max(number) - min(number), avg(number) * 2 from numbers(4)
with 5 as n select n, n + number from numbers(1)
with numbers(2) as t select 1
select lookup(number, 1) + 1, lookup(1, 2) from numbers(1)
select 1 as a union all select 2 as b
select 1 as a, 'x' as b union all select 2.5, 'y'
(select 1) union all (select 2)
select * from (select 1 as a union all select 2)
select -(-1), - - 1, -(1), +1, -toInt8(1), 1 - -1, 1--1
select 1;
select 1 from numbers(3) limit 1, 2
select number from numbers(10) order by number desc limit 3
select number from numbers(10) limit 2, 3
select number as n from numbers(3) order by -n
select toString(number) from numbers(2)
select 'x' as s, s || s
select 1 where 1 settings max_threads = 1
select a from (select 1 as a) as t where t.a = 1
select sumIf(number, number > 1 ? 1 : NULL) from numbers(3)
select sumIf(number, NULL) from numbers(3)
select 1 where 1.5
select 1 where toInt64(2)
select 1 where NULL
select if(NULL, 1, 2)
select * from numbers(2) a join numbers(2) b on 1
select * from numbers(2) a join numbers(2) b on a.number = 1
select count() from numbers(2) a join numbers(2) b on a.number < b.number
select count() from numbers(3) a join numbers(3) b on a.number = b.number and a.number > 1
select count() from numbers(3) a join numbers(3) b on a.number = b.number or a.number > 1
select * from numbers(2) a join numbers(2) b on number = number
select * from numbers(2) join numbers(2) on 1
select number from numbers(3) limit 1+1
select [number] = '[0]' from numbers(1)
select (number, 1) = '(0,1)' from numbers(1)
select arrayMap(x -> x + 1, []), arrayMap(x -> -x, []), arrayFilter(x -> x > 1, []), arrayMap(x -> (x, 1), []), arrayMap(x -> toString(x), []), arrayMap(x -> [x], [])
select toFixedString('a', 3) as x union all select 'bb'
select nullIf(toInt32(1), toUInt64(number)), toTypeName(nullIf(toInt32(1), toUInt64(number))) from numbers(2)
SELECT * FROM VALUES('a UInt8', 4)
