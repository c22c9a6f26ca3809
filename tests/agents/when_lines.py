"""What callers say about days and hours, and what it means on Wednesday, 18 November 2026, at twenty past ten.

`HELD_OUT` was written before the grammar and is never looked at to improve it; `DEVELOPED` was at hand all along.
A line: what is said, `[what was asked | what was settled before]` where it matters, and after `=>` its meaning:
d days, w a stretch of days, t times, a not before, b not after, nd and nt what is ruled out, z the time zone.
Candidates are divided by bars.
"""

HELD_OUT = """
next Tuesday at ten past three => d=26-11-24 t=03:10|15:10
could you do half nine on Monday => d=26-11-23 t=09:30|21:30
it would be twenty to six tomorrow evening => d=26-11-19 t=17:40
let's say the tenth at four p m => d=26-12-10 t=16:00
3/14 at noon => d=27-03-14 t=12:00
not Wednesday, Thursday at two => d=26-11-19 t=02:00|14:00 nd=26-11-18|26-11-25
Monday week at eleven in the morning => d=26-11-30 t=11:00
two weeks from Tuesday at six pm => d=26-12-08 t=18:00
can I come tonight at seven => d=26-11-18 t=19:00
I'd like the last Friday of the month, in the afternoon => d=26-11-27 a=12:00 b=18:00
a week on Thursday please => d=26-11-26
the Thursday after next, quarter to five => d=26-12-03 t=04:45|16:45
Friday week, sixteen thirty => d=26-11-27 t=16:30
how about the twenty-third of November at fifteen hundred hours => d=26-11-23 t=15:00
do you have anything the day after tomorrow around eleven => d=26-11-20 t=11:00|23:00
I could come any time after two on Friday => d=26-11-20 a=02:00|14:00
any time before ten tomorrow => d=26-11-19 b=10:00|22:00
somewhere between one and three on the thirtieth => d=26-11-30 a=01:00|13:00 b=03:00|15:00
tomorrow, no sorry, Friday at nine am => d=26-11-20 t=09:00
at five, I mean half past five => t=05:30|17:30
Thursday or Friday, whichever is free => d=26-11-19|26-11-20
Tuesday the twenty fourth at a quarter past eight => d=26-11-24 t=08:15|20:15
December first at one thirty => d=26-12-01 t=01:30|13:30
the first of December in the morning => d=26-12-01 a=06:00 b=12:00
can we make it the second Monday in December => d=26-12-14
in ten days at 2 pm => d=26-11-28 t=14:00
a fortnight today => d=26-12-02
three weeks from tomorrow => d=26-12-10
some time next week, mornings are best => w=26-11-23..26-11-29 a=06:00 b=12:00
Tuesday of next week at ten thirty => d=26-11-24 t=10:30|22:30
at three London time on Monday => d=26-11-23 t=03:00|15:00 z=Europe/London
nine a.m. Eastern on the twenty fifth => d=26-11-25 t=09:00 z=America/New_York
today at free thirty => d=26-11-18 t=03:30|15:30
tomorrow at for => d=26-11-19 t=04:00|16:00
Friday at to thirty => d=26-11-20 t=02:30|14:30
ten two four on Thursday => d=26-11-19 t=03:50|15:50
five and twenty past nine => t=09:25|21:25
noon on Saturday => d=26-11-21 t=12:00
half past [time] => -
twenty to [time] => -
ten [time] => t=10:00|22:00
the twelfth [date] => d=26-12-12
nine fifteen [time] => t=09:15|21:15
I said fifteen, not fifty [time | 26-11-24 15:50] => t=15:15
no, the day after [confirm | 26-11-24 15:00] => d=26-11-25
the day before that would be better [confirm | 26-11-26 15:00] => d=26-11-25
an hour later please [confirm | 26-11-24 15:00] => t=16:00
could it be half an hour earlier [confirm | 26-11-24 15:00] => t=14:30
the following week, same time [confirm | 26-11-24 15:00] => d=26-12-01 t=15:00
actually make it Monday [confirm | 26-11-24 15:00] => d=26-11-23
Thursday instead of Tuesday [confirm | 26-11-24 15:00] => d=26-11-19 nd=26-11-24
any day but Friday => nd=26-11-20
I can't do Monday => nd=26-11-23
Christmas Eve at eleven => d=26-12-24 t=11:00|23:00
4/5 at 10 => d=27-04-05|27-05-04 t=10:00|22:00
2026-12-03 14:15 => d=26-12-03 t=14:15
on the 7th at 9:45am => d=26-12-07 t=09:45
first thing Monday morning => d=26-11-23 a=06:00 b=10:00
late afternoon on Thursday => d=26-11-19 a=15:00 b=18:00
this Friday around lunchtime => d=26-11-20 a=12:00 b=14:00
not at three, at four => t=04:00|16:00 nt=03:00|15:00
I need to bring my two children => -
my name is April and I live on Fifth Avenue => -
what is the weather like => -
I have been waiting for ten minutes => -
thirteen thirty tomorrow => d=26-11-19 t=13:30
eight o'clock in the evening => t=20:00
quarter of nine Friday morning => d=26-11-20 t=08:45
the end of the month => d=26-11-30
Monday the thirtieth, twelve thirty => d=26-11-30 t=12:30|00:30
"""

DEVELOPED = """
tomorrow => d=26-11-19
today => d=26-11-18
the day after tomorrow => d=26-11-20
Tuesday => d=26-11-24
on Friday => d=26-11-20
this Friday => d=26-11-20
next Friday => d=26-11-27
next Monday => d=26-11-23
Wednesday => d=26-11-18|26-11-25
next Wednesday => d=26-11-25
this Wednesday => d=26-11-18
coming Saturday => d=26-11-21
Friday week => d=26-11-27
Tuesday week => d=26-12-01
a week from Friday => d=26-11-27
two weeks on Monday => d=26-12-07
a week today => d=26-11-25
a week tomorrow => d=26-11-26
tomorrow week => d=26-11-26
in two weeks => d=26-12-02
in a fortnight => d=26-12-02
in three days => d=26-11-21
three days from now => d=26-11-21
in a week's time => d=26-11-25
in a month => d=26-12-18
the fifteenth => d=26-12-15
the twentieth => d=26-11-20
the twenty first of December => d=26-12-21
December the tenth => d=26-12-10
December 10th => d=26-12-10
10 December => d=26-12-10
Dec 3 => d=26-12-03
January second => d=27-01-02
the third of January twenty twenty seven => d=27-01-03
3/14/2027 => d=27-03-14
25/12 => d=26-12-25
12/1 => d=26-12-01|27-01-12
1.12. => d=26-12-01
2027-01-15 => d=27-01-15
Thursday the twenty sixth => d=26-11-26
Tuesday the twenty fifth => d=26-11-24|26-11-25
the last day of the month => d=26-11-30
the first Monday of December => d=26-12-07
the last Thursday in December => d=26-12-31
the second Tuesday of next month => d=26-12-08
Tuesday next week => d=26-11-24
next week Thursday => d=26-11-26
Thursday this week => d=26-11-19
next week => w=26-11-23..26-11-29
this week => w=26-11-18..26-11-22
the week after next => w=26-11-30..26-12-06
next month => w=26-12-01..26-12-31
in December => w=26-12-01..26-12-31
at the weekend => w=26-11-21..26-11-22
Tuesday or Thursday => d=26-11-24|26-11-19
New Year's Eve => d=26-12-31
Christmas day => d=26-12-25
ten past three => t=03:10|15:10
half nine => t=09:30|21:30
half past nine => t=09:30|21:30
quarter to five => t=04:45|16:45
a quarter past two => t=02:15|14:15
twenty to nine => t=08:40|20:40
five to twelve => t=11:55|23:55
twenty-five past four => t=04:25|16:25
ten after six => t=06:10|18:10
ten of four => t=03:50|15:50
ten minutes to four => t=03:50|15:50
at three => t=03:00|15:00
at three o'clock => t=03:00|15:00
three thirty => t=03:30|15:30
nine oh five => t=09:05|21:05
4 pm => t=16:00
4pm => t=16:00
4 p.m. => t=16:00
11 am => t=11:00
12 am => t=00:00
12 pm => t=12:00
4:30 => t=04:30|16:30
9.15 => t=09:15|21:15
09:30 => t=09:30
16:30 => t=16:30
sixteen thirty => t=16:30
fifteen hundred => t=15:00
oh nine hundred => t=09:00
noon => t=12:00
midday => t=12:00
midnight => t=00:00
at twelve => t=12:00|00:00
three in the afternoon => t=15:00
nine in the morning => t=09:00
seven in the evening => t=19:00
half six this evening => d=26-11-18 t=18:30
in the morning => a=06:00 b=12:00
in the afternoon => a=12:00 b=18:00
this afternoon => d=26-11-18 a=12:00 b=18:00
tomorrow morning => d=26-11-19 a=06:00 b=12:00
tonight => d=26-11-18 a=17:00 b=22:00
around four => t=04:00|16:00 about
about half three => t=03:30|15:30 about
four-ish => t=04:00|16:00 about
any time after two => a=02:00|14:00
after 3 pm => a=15:00
before noon => b=12:00
no later than four => b=04:00|16:00
from two onwards => a=02:00|14:00
between two and four => a=02:00|14:00 b=04:00|16:00
between ten and noon => a=10:00 b=12:00
between 2 and 4 pm => a=14:00 b=16:00
at to => t=02:00|14:00
at for thirty => t=04:30|16:30
free thirty => t=03:30|15:30
half to => t=02:30|14:30
quarter two five => t=04:45|16:45
at ate => t=08:00|20:00
half past tree => t=03:30|15:30
five [time] => t=05:00|17:00
fifteen [date] => d=26-12-15
Tuesday at half nine => d=26-11-24 t=09:30|21:30
tomorrow at quarter past ten => d=26-11-19 t=10:15|22:15
on the third at three => d=26-12-03 t=03:00|15:00
three pm on the third => d=26-12-03 t=15:00
not Monday, Tuesday => d=26-11-24 nd=26-11-23
Monday, no, Tuesday => d=26-11-24
Monday, sorry, I mean Tuesday => d=26-11-24
Thursday not Tuesday => d=26-11-19 nd=26-11-24
anything but Friday => nd=26-11-20
Friday doesn't work => nd=26-11-20
I can't make Thursday => nd=26-11-19
at three, no, four => t=04:00|16:00
three fifteen not three fifty => t=03:15|15:15 nt=03:50|15:50
fifteen not fifty [confirm | 26-11-24 15:50] => t=15:15
not fifty, fifteen [confirm | 26-11-24 15:50] => t=15:15
the day after [confirm | 26-11-24 15:00] => d=26-11-25
no, the next day [confirm | 26-11-24 15:00] => d=26-11-25
the day before [confirm | 26-11-24 15:00] => d=26-11-23
a day later [confirm | 26-11-24 15:00] => d=26-11-25
a week later [confirm | 26-11-24 15:00] => d=26-12-01
an hour earlier [confirm | 26-11-24 15:00] => t=14:00
thirty minutes later [confirm | 26-11-24 15:00] => t=15:30
same time on Thursday [confirm | 26-11-24 15:00] => d=26-11-19 t=15:00
same day at four [confirm | 26-11-24 15:00] => d=26-11-24 t=04:00|16:00
a bit later [confirm | 26-11-24 15:00] => a=15:00
earlier [confirm | 26-11-24 15:00] => b=15:00
actually Thursday => d=26-11-19
actually make it four => t=04:00|16:00
move it from Tuesday to Thursday => d=26-11-19 nd=26-11-24
in an hour => d=26-11-18 t=11:20
in two hours => d=26-11-18 t=12:20
ten o'clock New York time => t=10:00|22:00 z=America/New_York
at two Pacific tomorrow => d=26-11-19 t=02:00|14:00 z=America/Los_Angeles
9 GMT => t=09:00|21:00 z=UTC
as soon as possible => any
whenever you have something => any
I may come => -
I want to march on => -
two people => -
for an hour => -
yes please => -
the second one => -
the first one please => -
hold on a second => -
a table for four => -
I'm thirty five => -
"""
