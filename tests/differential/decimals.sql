select toTypeName(toDecimal32(1, 2) + toDecimal64(1, 3)), toTypeName(toDecimal32(1, 2) * toDecimal64(1, 3)), toTypeName(toDecimal64(1, 3) / toDecimal32(1, 2)), toTypeName(toDecimal32(1, 2) - toDecimal256(1, 2))
select toTypeName(toDecimal32(1, 2) + 1), toTypeName(toDecimal32(1, 2) + toInt64(1)), toTypeName(toDecimal32(1, 2) * toInt128(1)), toTypeName(1 / toDecimal64(1, 5)), toTypeName(toDecimal32(1, 0) + true)
select toTypeName(toDecimal32(1, 2) + 1.5), toTypeName(1.5 / toDecimal32(1, 2)), toDecimal256(1, 2) * 1.5, toDecimal64(0.1, 1) + 0.2
select toDecimal64(1, 5) / 3, toDecimal64(-1, 2) / 3, toDecimal64(2, 5) / toDecimal32(3, 5), toDecimal128(-2, 10) / 3, toDecimal256(2, 30) / toDecimal256(7, 20)
select toDecimal64(1, 2) / toDecimal64(3, 5)
select toDecimal64(1, 2) / 0
select toDecimal64(1, 2) / 0.0
select toDecimal64(1000000000000, 4) / toDecimal64(0.5, 4)
select toDecimal32(4000000.11, 2) * toDecimal32(1000, 2)
select toDecimal32(20000000, 2) + toDecimal32(20000000, 2)
select toDecimal64(1, 18) + toDecimal64(10, 0)
select toDecimal128('9e18', 0) * toDecimal128('9e18', 0)
select toDecimal128(1e18, 0) * toDecimal128(1e18, 0), toDecimal256('1e38', 0) * toDecimal256('-1e37', 0)
select toDecimal32(1, 9) * toDecimal32(1, 5)
select toTypeName(1.5::Decimal(5, 2) * 1.5::Decimal(10, 4)), toTypeName(1.5::Decimal(5, 2) + 1), toTypeName(1.5::Decimal(15, 2) * (1 - 1.5::Decimal(15, 2))), toTypeName(-1.5::Decimal(5, 2)), toTypeName(round(1.5::Decimal(5, 2)))
select CAST(1.255 AS Decimal(5, 3)), CAST(0.29 AS Decimal(10, 2)), 0.29::Decimal(10, 2), toDecimal64(4.35, 2), toDecimal64(materialize(0.29), 2), toDecimal32(toFloat32(0.1), 5), toDecimal32(-1.999, 2)
select toDecimal32('-1.999', 2), toDecimal32('+1.999', 2), toDecimal32('1e2', 2), toDecimal32('-.5', 2), toDecimal32('1.', 2), toDecimal32('+1.5E-1', 2), toDecimal64('0000000000000000000000000000000000001.5', 2), toDecimal64('1e-30', 1)
select toDecimal128('123456789012345678901234567890.12', 2), toDecimal256('-0.00000000000000000000000000000000000001', 50)
select CAST('12345678912.5' AS Decimal(9, 2))
select toDecimal32('1.5abc', 1)
select toDecimal32(' 1', 1)
select toDecimal32(123456789, 2)
select toDecimal32(1e20, 2)
select toDecimal32(nan, 2)
select toDecimal32(toDecimal64(1.239, 3), 2), toDecimal64(toDecimal32(1.23, 2), 9), toDecimal32(toDecimal64(-1.239, 3), 2), toDecimal256(toDecimal32(-1.5, 1), 60)
select toDecimal32(toDecimal64(123456789.0, 1), 5)
select toInt32(toDecimal64(1.9, 2)), toInt32(toDecimal64(-1.9, 2)), toUInt8(toDecimal64(-0.5, 2)), toInt256(toDecimal128(-12.5, 3)), toUInt128(toDecimal256(7.9, 30))
select toUInt8(toDecimal64(300, 2))
select toUInt64(toDecimal64(-1.5, 2))
select toFloat64(toDecimal64(1.9, 2)), toFloat32(toDecimal64(0.1, 2)), toString(toDecimal64(1.90, 3)), toBool(toDecimal32(0.5, 2)), CAST(toDecimal32(0, 2) AS Bool)
select toDecimal32OrNull('123456789123', 2), toDecimal32OrZero('x', 2), toTypeName(toDecimal32OrNull('1', 2)), toDecimal32OrDefault('x', 2, toDecimal32(3, 2)), toDecimal32OrZero('1.999', 2), toDecimal32OrDefault(1.999, 2)
select toTypeName(CAST(1 AS Decimal)), toTypeName(CAST(1 AS NUMERIC(5, 2))), toTypeName(CAST(1 AS DEC(20))), toTypeName(CAST(1 AS Decimal32(3))), toTypeName(CAST(1 AS FIXED(5, 2)))
select CAST(1 AS Decimal(77, 2))
select CAST(1 AS Decimal(5, 6))
select sum(x), toTypeName(sum(x)), avg(x), toTypeName(avg(x)), min(x), toTypeName(max(x)), any(x), quantile(x), toTypeName(quantile(x)), median(x) from (select toDecimal32(number * 1.01, 2) as x from numbers(4))
select quantile(0.3)(x), median(x), quantile(0.9)(x), quantiles(0.25, 0.75)(x), quantileExact(x), stddevPop(x), varSamp(x), uniqExact(x), groupArray(x), argMax(x, x) from (select toDecimal32(number * 1.01, 2) as x from numbers(4))
select sum(x), min(x), avg(x) from (select toNullable(toDecimal64(number / 3, 4)) as x from numbers(10) where 0)
select sum(x), avg(x), toTypeName(sum(x)) from (select toDecimal256(number, 2) * -1000000000000000000 as x from numbers(40))
select sum(x) from (select toDecimal64('900000000000000000', 0) + number as x from numbers(40))
select sum(x * (1 - d)), sum(x * (1 - d) * (1 + t)) from (select toDecimal64(number, 2) as x, toDecimal64(number % 10, 2) / 100 as d, toDecimal64(0.07, 2) as t from numbers(1000))
select x % 3 as k, sum(x), count(), max(x) from (select toDecimal64(number, 0) as x from numbers(10)) group by k order by k desc
select toInt8(x) % 3 as k, sum(x), avg(x), min(x), max(x) from (select toDecimal64(number / 7, 3) as x from numbers(50)) group by k order by k
select round(toDecimal64(1.255, 3), 2), round(toDecimal64(2.5, 1)), round(toDecimal64(3.5, 1)), round(toDecimal64(-2.5, 1)), floor(toDecimal64(-2.5, 1)), ceil(toDecimal64(-2.5, 1)), trunc(toDecimal64(-2.5, 1)), roundBankers(toDecimal64(2.5, 1)), round(toDecimal64(155, 1), -1), round(toDecimal64(1.2, 1), 5), round(toDecimal64(155, 1), -25)
select round(toDecimal64(-1.255, 3), 2), round(toDecimal64(1.245, 3), 2), floor(toDecimal64(1.25, 2), 1), ceil(toDecimal64(1.21, 2), 1), ceil(toDecimal64(-1.21, 2), 1), trunc(toDecimal64(-1.29, 2), 1), roundBankers(toDecimal64(1.245, 3), 2), roundBankers(toDecimal64(-1.255, 3), 2), floor(toDecimal64(-155, 1), -1), round(toDecimal128(-1.255, 30), 1)
select abs(toDecimal32(-1.5, 1)), -toDecimal32(1.5, 1), sign(toDecimal32(-1.5, 1)), abs(toDecimal256('-1.5', 40)), sign(toDecimal128(0, 5)), negate(toDecimal128('12345678901234567890123', 5))
select intDiv(toDecimal32(7.5, 1), 2), toTypeName(intDiv(toDecimal32(7.5, 1), 2)), intDiv(toDecimal32(-7.5, 1), toDecimal32(0.5, 1)), intDivOrZero(toDecimal32(1, 1), 0)
select intDiv(toDecimal32(1, 1), 0)
select toDecimal32(1.5, 1) = 1.5, toDecimal32(1.5, 1) = toDecimal64(1.50, 2), toDecimal32(1.5, 1) < 2, toDecimal32(1.1, 1) = 1.1, toDecimal32(1.1, 1) = toFloat32(1.1), 2 >= toDecimal128(1.99, 2), toDecimal32(1.5, 1) > '1.45'
select toDecimal32(1, 1) IN (1, 2), toDecimal32(1, 1) IN ('1'), toDecimal32(1.5, 1) IN (1.5), toDecimal32(1.5, 1) IN (1.55), toDecimal32(1.5, 1) BETWEEN 1 AND 2, has([toDecimal32(1, 1)], 1)
select toTypeName(if(1, toDecimal32(1, 1), toDecimal64(1, 5))), toTypeName([toDecimal32(1, 1), 1]), toTypeName([toDecimal32(1, 8), toInt8(1)]), toTypeName([toDecimal32(1, 0), toInt32(1)]), toTypeName([toDecimal32(1, 0), toUInt32(1)]), toTypeName([toDecimal64(1, 18), toUInt64(1)]), toTypeName([toDecimal64(1, 0), toInt64(1)])
select [toDecimal32(1.5, 1), 2, NULL], coalesce(NULL, toDecimal32(1, 1)), NULL + toDecimal32(1, 1), toNullable(toDecimal32(1, 1)) * 2 from numbers(2)
select greatest(toDecimal32(1, 1), toDecimal64(2, 3)), toTypeName(greatest(toDecimal32(1, 1), 2)), least(toDecimal32(1, 1), 0.5)
select arraySum([toDecimal32(1.5, 1), 2]), arrayAvg([toDecimal32(1.5, 1)]), arraySort([toDecimal32(1.5, 1), 1]), arrayMax([toDecimal32(1.5, 1)]), arrayProduct([toDecimal32(1.5, 1)]), arrayMap(x -> x * 2, [toDecimal32(1.5, 1)])
select sqrt(toDecimal32(4, 1)), pow(toDecimal32(4, 1), 2), exp(toDecimal128(1, 1))
select toDecimal32(1, 1) AND 1
select toDecimal32(0.5, 1) ? 1 : 2
select bitAnd(toDecimal32(1, 1), 1)
select tuple(toDecimal32(-0.5, 1), [toDecimal128(1.25, 4)]), toString([toDecimal32(1.5, 1)])
select toDecimal64(number, 3) / 8 as x from numbers(6) order by x desc
select distinct toDecimal64(number % 3, 1) as x from numbers(6) order by x
select a.x, b.y from (select toDecimal32(number, 1) as x from numbers(3)) a join (select toDecimal32(number * 2, 1) as y from numbers(3)) b on a.x = b.y order by a.x
select x, sum(x) over (order by x rows between 1 preceding and current row), avg(x) over (order by x), max(x) over () from (select toDecimal64(number, 2) / 4 as x from numbers(5)) order by x
select sumMerge(s), avgMerge(a) from (select sumState(x) as s, avgState(x) as a from (select toDecimal64(number, 2) / 4 as x from numbers(5)) group by x)
select sumIf(x, x > 0.5), sumOrNull(x), countIf(x > 1), sumDistinct(x) from (select toDecimal64(number % 3, 2) / 4 as x from numbers(9))
