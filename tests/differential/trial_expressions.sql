select number, if(number % 2, 'x', NULL) as n from numbers(3) order by n nulls first, number
select a, b, a / b, a % b, intDiv(a, b) from (select number + 1 as a, number as b from numbers(1, 3)) order by a
select count(*) from (select * from numbers(10) limit 3 union all select * from numbers(2))
select x from (select 1 as x) where x = 1 group by x having x = 1 order by x limit 1
select 1 + 1 as two, two * 2 as four, four + two order by two
select * from numbers(3) where number in (select number from numbers(10) where number % 2 = 0)
select max(number) filter (where number < 5) from numbers(10)
select number from numbers(5) where not number in (1, 2) and number between 0 and 4
select 'abc' like 'a%', 'abc' ilike 'A_C', 'abc' not like '%z%', match('abc', '^a.c$')
select arrayMap((x, y) -> x + y, [1, 2], [3, 4]), arraySum([1, 2, 3]), arrayReverse(range(4))
select tuple(1, 'a').1, (1, 'a').2, [1, 2, 3][-1], map('a', 1)['a']
select toDate('2024-02-29') + interval 1 year, toDateTime('2024-02-29 10:00:00') - interval 1 month
select number, sum(number) over (order by number rows between unbounded preceding and 1 following) from numbers(4)
select number % 2 g, number, sum(number) over (partition by number % 2 order by number desc) from numbers(6) order by g, number
select count(distinct number % 3), uniqExact(number % 3) from numbers(10)
select sum(x) from (select number as x from numbers(5) union all select number from numbers(3))
select * from (select 1 as a, 'x' as b) cross join (select 2 as c) order by a
select a.number, b.number from numbers(3) a left join numbers(1, 3) b on a.number = b.number order by a.number
select a.number, b.number from numbers(3) a full outer join numbers(1, 3) b on a.number = b.number order by 1, 2
select a.number, b.number from numbers(3) a right join numbers(1, 3) b on a.number = b.number order by b.number settings join_use_nulls = 1
select number from numbers(3) a where exists (select 1 from numbers(5) b where b.number = a.number + 3)
select (select max(b.number) from numbers(5) b where b.number < a.number) m from numbers(3) a
select a.number from numbers(4) a where a.number > (select avg(b.number) from numbers(5) b where b.number != a.number)
with recursive f as (select 1 as a, 1 as b union all select b, a + b from f where b < 50) select a from f
with recursive t as (select 0 as n, [0] as p union all select n + 1, arrayPushBack(p, n + 1) from t where n < 3) select * from t
select toString(now()) != '', today() >= toDate('2024-01-01')
select cast('12' as UInt8), '12'::Int32, toInt64OrNull('x'), toUInt8OrZero('300')
select round(2.5), round(3.5), round(-2.5), floor(-1.5), ceil(1.2), truncate(1.9)
select 1 / 0, -1 / 0, 0 / 0, 7 % 3, -7 % 3, 7 div 2, 7 mod 4
select 255::UInt8 + 1, toUInt8(255) + toUInt8(1), toInt8(-128) - 1, 5 - 10, toTypeName(5 - 10)
select toDecimal32('1.23', 2) * toDecimal32('2', 1), toTypeName(toDecimal32('1.23', 2) * toDecimal32('2', 1))
select toDecimal64(10, 3) / 3, toDecimal64(1, 2) = 1, toDecimal64('1.10', 2) > 1.05
select length('héllo'), lengthUTF8('héllo'), upper('héllo'), upperUTF8('héllo'), reverse('abc'), substring('hello', 2, 3)
select concat('a', 1, NULL), 'a' || 'b' || 'c', concat_ws(',', 'a', 'b')
select splitByChar(',', 'a,b,c'), arrayJoin(splitByChar(',', 'a,b')), replaceAll('aXbX', 'X', '-')
select hex(255), unhex('41'), bin(5), bitAnd(12, 10), bitXor(1, 3), bitShiftLeft(1, 4), bitCount(255)
select if(NULL, 1, 2), ifNull(NULL, 3), nullIf(1, 1), coalesce(NULL, NULL, 4), isNull(NULL), assumeNotNull(toNullable(5))
select NULL = NULL, NULL is null, 1 = NULL, NULL and 0, NULL or 1, not NULL, NULL in (1), 1 in (NULL)
select toTypeName(NULL), toTypeName([]), toTypeName([NULL, 1]), toTypeName((1, NULL)), toTypeName(map())
select least(1, 2.5), greatest('a', 'b'), least(toDate('2024-01-01'), toDate('2023-01-01')), abs(-5), sign(-3)
select number, lag(number) over (order by number), lead(number, 1, 99) over (order by number) from numbers(3)
select number, ntile(2) over (order by number), percent_rank() over (order by number), cume_dist() over (order by number) from numbers(4)
select first_value(number) over (order by number desc), last_value(number) over (order by number rows between current row and unbounded following) from numbers(3)
select sum(number) over w, avg(number) over w from numbers(4) window w as (order by number rows between 1 preceding and current row)
select number % 3 as k, sum(number) as s from numbers(10) group by k with rollup order by k, s
select number % 2 a, number % 3 b, count() from numbers(12) group by grouping sets ((a), (b), ()) order by a, b, 3
select groupArray(number), groupArraySorted(2)(number), arraySort(groupUniqArray(number % 2)) from numbers(4)
select quantiles(0.25, 0.5)(number), median(number), quantileExact(0.9)(number) from numbers(11)
select stddevPop(number), varSamp(number), corr(number, number * 2), covarPop(number, number) from numbers(5)
select argMax(number, -toInt64(number)), argMin(toString(number), number), any(number), anyLast(number) from numbers(5)
select sumIf(number, number > 2), countIf(number % 2 = 0), avgIf(number, number > 100) from numbers(5)
select sum(number), avg(number), min(number), max(number), count() from numbers(0)
select sumOrNull(number), maxOrNull(number), avgOrDefault(number) from numbers(0)
select any(x) from (select NULL as x)
select count(NULL), count(x), sum(x) from (select arrayJoin([1, NULL, 2]) as x)
select x, count() from (select arrayJoin([1, NULL, NULL]) as x) group by x order by x nulls last
select distinct x from (select arrayJoin([1, NULL, NULL, 1]) as x) order by x nulls first
select [1, 2] = [1, 2], [1] < [1, 2], (1, 'a') < (1, 'b'), [1, NULL] = [1, NULL]
select arrayExists(x -> x > 2, [1, 2, 3]), arrayAll(x -> x > 0, [1]), arrayCount(x -> x = 1, [1, 1]), arrayFirst(x -> x > 1, [1, 2, 3])
select arraySort(x -> -x, [1, 3, 2]), arrayReduce('max', [1, 5]), arrayCumSum([1, 2, 3]), arrayDifference([1, 4, 9])
select indexOf([1, 2, 2], 2), has([1], 1), hasAny([1, 2], [2, 3]), arrayIntersect([1, 2], [2, 3]), arrayConcat([1], [2])
select toYear(toDate('2024-05-06')), toDayOfWeek(toDate('2024-05-06')), toStartOfWeek(toDate('2024-05-06')), formatDateTime(toDateTime('2024-05-06 07:08:09'), '%Y-%m-%d %H:%i')
select dateDiff('day', toDate('2024-01-01'), toDate('2024-03-01')), addMonths(toDate('2024-01-31'), 1), toUnixTimestamp(toDateTime('1970-01-02 00:00:00'))
select toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0') as u, toTypeName(u), u = toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0')
select CAST('b' as Enum('a' = 1, 'b' = 2)) as e, toInt8(e), e = 'b', toTypeName(e)
select x from values('x UInt8, y String', (1, 'a'), (2, 'b')) where y = 'b'
select * from values('a Nullable(Int8), b Array(String)', (NULL, ['x']), (1, [])) order by a nulls first
select number as a, a as b, b + 1 as c from numbers(2) where c > 1
select sum(number) as number from numbers(4)
select number + 1 as number from numbers(3) where number > 1
select -number as n from numbers(3) order by n
select toInt32(number) - 1 as x, x > 0 ? 'p' : 'n' from numbers(3)
select number, multiIf(number = 0, 'z', number = 1, 'o', 'm') from numbers(3)
select exists(select 1 where 0), exists(select 1), (select 5), (select 1 where 0)
select 1 in (select 1 union all select 2), (1, 2) in ((1, 2), (3, 4)), 3 not in (1, 2)
select * from (select number n from numbers(3)) x semi join (select number n from numbers(2)) y using n
select * from (select number n from numbers(3)) x anti join (select number n from numbers(2)) y using n
select * from (select number n from numbers(3)) x any left join (select number % 2 n, number m from numbers(4)) y using n order by n
select number from numbers(10) order by number % 3, number desc limit 4
select number from numbers(10) order by number % 3 desc, number limit 1 by number % 3
select number from numbers(6) limit 2, 3
select number from numbers(6) order by number limit 3 offset 4
select distinct on (number % 2) number from numbers(6) order by number
select 1 where 0
select count() from numbers(5) having count() > 10
select count() from numbers(5) where number > 100
select sum(number) from numbers(5) group by number % 0 = 0
select min(a), max(b) from (select [number] a, (number, 'x') b from numbers(3))
select * from (select number, number * 2 d from numbers(3)) where d > (select min(number) from numbers(1, 2))
select a, sum(b) from (select number % 2 a, number b from numbers(6)) group by a having sum(b) > (select avg(number) from numbers(6)) order by a
select a, b, row_number() over (partition by a order by b desc) rn from (select number % 2 a, number b from numbers(6)) qualify rn = 1 order by a
select a, array_agg from (select number % 2 a, groupArray(number) array_agg from numbers(4) group by a) order by a
select a, el, rank() over (partition by a order by el desc) from (select number % 2 a, groupArray(number) arr from numbers(6) group by a) array join arr as el order by a, el
select a, arrayJoin(arr) el, sum(el) over (partition by a) from (select number % 2 a, groupArray(number) arr from numbers(6) group by a) order by a, el
select arrayJoin([3, 1, 2]) x order by x limit 2
select arrayJoin([1, 2]) a, arrayJoin([10, 20]) b order by a, b
select sum(arrayJoin([1, 2, 3])), count() from numbers(2)
select x, count() from (select arrayJoin([1, 1, 2]) x) group by x order by x
select number from numbers(3) where arrayJoin([0, 1]) = number order by number
select number from numbers(3) group by number having arrayJoin([number, 5]) = 5 order by number
select toNullable(1) union all select 2 order by 1
select 1, 2 union all select 1
select 1 as a intersect select 2 union all select 3
select 1 as a union all select 2 as b order by a
(select 1 as a) union all (select 2) order by a
(select number from numbers(5) order by number desc limit 2) union all (select 100) order by 1
select [1, 2] union all select [3.5]
select (1, 'a') union all select (2, 'b') order by 1
select 1::Decimal(5, 2) as d union all select 2.5::Decimal(9, 4) order by d
select toDate('2024-01-01') as d union all select toDateTime('2024-01-01 01:00:00') order by d
select cast('a' as Enum8('a' = 1)) union all select cast('b' as Enum8('b' = 2)) order by 1
select NULL union all select 1 order by 1
select toInt8(-1) as v union all select toUInt64(1) order by v
select map('a', 1) union all select map('b', 300)
select -0.0 as z union distinct select materialize(0.0)
select x, count() from (select arrayJoin([-0.0, 0.0]) as x) group by x
select x, 1/x from (select distinct x from (select arrayJoin([-0.0, 0.0]) as x))
select length(groupUniqArray(x)), 1/any(x) from (select arrayJoin([-0.0, 0.0]) as x)
select arrayDistinct([0.0, -0.0]), arrayUniq([0.0,-0.0]), uniq(x), topK(3)(x) from (select arrayJoin([-0.0, 0.0]) as x)
select [x], count() from (select arrayJoin([-0.0, 0.0]) as x) group by [x]
select toNullable(x) y, count() from (select arrayJoin([-0.0, 0.0]) as x) group by y
select x, 1, count() from (select arrayJoin([-0.0, 0.0]) as x) group by x, 1
select x, y, count() from (select arrayJoin([-0.0, 0.0]) as x, 'a' y) group by x, y
select * from (select -0.0 x) a join (select 0.0 x) b using x
select * from (select -0.0 x) a join (select 0.0 x) b on a.x = b.x
select -0.0 in (select 0.0), 0.0 = -0.0, [0.0] = [-0.0], has([0.0], -0.0)
select row_number() over (partition by x), x from (select arrayJoin([-0.0, 0.0]) as x)
select x from (select arrayJoin([-0.0, 0.0]) as x) limit 1 by x
select toFloat32(x) f, count() from (select arrayJoin([-0.0, 0.0]) as x) group by f
select -0.0 intersect select 0.0
select 0.0 except select -0.0
select (x, 1) t, count() from (select arrayJoin([-0.0, 0.0]) as x) group by t
select groupArrayDistinct(x) from (select arrayJoin([-0.0, 0.0]) as x)
select x, s from (select 1 x, arrayJoin([0.0, -0.0]) s) limit 1 by x, s
select distinct x, y from (select arrayJoin([0.0, -0.0]) as x, 1 y)
