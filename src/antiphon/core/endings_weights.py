"""What `benchmarks/train_completeness.py` learned for `endings`: weights, each with the features that have it."""

from __future__ import annotations

BIAS = -0.96
_TABLE = """
-4 wtoo
-3.1 open_between
-2.7 wand
-2.5 dART_N_ART_N fis_2 wcome
-2.3 cCONJ_ART_N xN_street
-2.2 wlook wtwo
-2.1 iwhen_i_5 wof wworld
-2 cDO_ART_N dDO_ART_ADJ_N ewhen_1_VT wplus yworld_N
-1.9 bART_VED fwhy_3 wuh wvery ywhat's_NUM
-1.8 bART_ADV bCONJ_YOU ii_have_5 tWH_0_1 wminus wmr
-1.7 math_solve_NUM twhether_0_2 wequals wfour win woff xNUM_times
-1.6 cADJ_PREP_LET cWH_ART_N fa_5 fif_4 flast_2 fmy_3 ii_think_3 m7_DEM tWH_1_1 vworld_war wa wby wcharles
wnext wor wpast wstill wwas xN_of
-1.5 aPREP bMOD_YOU bSUB_VI cSUB_MOD_VT fcan_3 fhow_2 fhow_4 fin_4 gif_NS tWH_0_2 u^_what's_NUM uthink_the_N
wclean whenry xDO_understand
-1.4 d^_BE_ART_N gbefore_YOU gin_NUM gwhat's_ADJ his_there_ONE ias_soon_5 jWH_0 m5_CONJ poBE_2_NS rsub_1_NUM
tthat_0_2 uwhether_my_N welizabeth wwall xPREP_two ya_ADJ yi_VI
-1.3 aPOSS bART_ADJ bMOD_N bVI_NUM dDO_N_N_NUM dVT_ART_N_NUM fhow_3 gsolve_N hwhat_made_N hwhat_time_PART
iit_says_4 jwhile_0 koBE_1_2 koHAVE_0_x kqwhichx_0_x math_solve_N nqwhatDO_1_NS nsub_1_ADJ rs_1_DEM tthat_1_2
usquared_plus_NUMX vdon't_understand vit_mean vmake_it walready wany wbomb wcharacter wcity wcivil whalf
wrichard wto wuses wwords xCONJ_it xN_root ymake_YOU
-1.2 cART_N_ADV cART_N_NUM cNS_PART_NUM dVT_ART_N_PART dWH_DO_SUB_VT d^_N_OP_NUM d^_SUB_VT_YOU ehow_1_DO
fon_2 fthere_3 fwhat's_3 fwhat_2 fwhich_3 gmy_YOU gwho_PART hhow_did_VT hi_know_N hi_need_NUM hit_says_N
hwhat_do_VT ihow_do_4 ii_was_3 iwhat's_the_4 iwhat_does_3 noMOD_2_ADJ vat_3 wdidn't wis wonly wpoint wsell
wsplit wwith xART_open xBE_john ydid_N
-1.1 aART bART_VING bDO_YOU bHAVE_NUM bVT_OBJ cART_N_DEM cMOD_ART_N cOP_OP_N dVT_LET_OP_NUM dVT_WH_ART_N
ebecause_0_N fa_6 fsend_3 fuse_2 gfind_N ghow_SOME gthe_DEM gthe_NS hfind_the_N hwhat_was_PREP hwho_was_VT
ii_have_3 iwhat_were_4 iwhere_does_5 kqwhereDO_0_x l1 m6_OP nqwhenx_1_N ns_1_OBJ ns_1_PREP o1_HES o1_PREP
o1_TO o1_VT o2_SOME pqBE_2_ORD rs_2_PREP tafter_0_1 uin_my_N uin_world_N usquared_plus_N uyou_tell_OBJ
va_quarter vpast_tense wbecome wjust wturn wwant xART_quarter xBE_anna xPREP_one yand_N yover_NUM ypeople_VT
ythe_VT yyou_VT
-1 aDO aMOD aTO bADJ_PART bNS_PREP bSUB_VED cART_NUM_DAY cART_N_NS cART_N_YOU cBE_ART_ORD dART_ADJ_PREP_NUM
dBE_ART_ADJ_NS dWH_BE_ART_ORD dWH_BE_ART_VT dWH_VI_PART_N dYOU_CONJ_ART_N fas_7 gwhat_OP gwhat_VED gwhen_YOU
gwho_VI hhow_many_NUM his_it_VT hmy_email_N iafter_i_5 ihow_many_3 m7_PART nqwhichBE_1_N ns_1_DEM o1_ART
o1_DO o2_NOT poMOD_1_YOU ps_1_PART sub_0 uis_the_N uis_the_VT uwas_the_N vi_have vin_world vword_for w3
wcaused wdoctor weat wfive wgoing won wquarter wsome wthank xNS_of xPART_world xVT_me yand_ADJ yi_VED ylady_N
yof_VING ythe_ADJ ythe_ORD ywhich_N yx_OP
-0.9 aSUB bART_NUM bCONJ_VT bMOD_SUB bPART_ADJ bVT_ONE bWH_ADV cADJ_ADJ_N cADJ_PREP_NUM cLET_OP_NUM
cNUM_LET_OP cN_PREP_PREP cN_VT_PART c^_BE_YOU dBE_ART_N_VT dNUM_LET_OP_NUM dSUB_VT_PART_DAY dWH_BE_ART_N
d^_^_BE_YOU eif_0_N ewhen_0_WH ewhy_1_BE fare_2 fhe_7 fwho_2 ga_NS gat_NUM gi_ADJ gi_NOT gthe_VED
hcould_you_OBJ hhow_is_N hhow_was_N hwhat_happens_VI hwhat_is_NS hwhen_do_VT iit_was_3 iwhere_is_3 jbecause_0
kimp_1_1 kqwhenBE_1_1 m3_HAVE m3_PREP m4_ART m5_BE m5_ORD m7_DO nimp_1_OP nqBE_1_VT nqDO_1_NS o0_PART o1_SOME
o2_ART o2_ORD poBE_1_YOU poBE_2_N pqBE_1_SUB ps_2_DAY ps_3_ORD rimp_1_OP rs_0_LY uanother_word_PREP
ubought_on_DAY uof_the_NS usix_times_NUM uwas_the_ORD uyou_make_YOU vat_half wamerican wan wat wfight wmake
wmy wroot wround wseen wtalk wthe wused wwent wwilliam wyears xART_present xNUM_divided xNUM_equals xN_and
xN_is xOP_144 xPREP_half xVT_what yda_N ylet_OBJ ythe_N ywas_VT
-0.8 aNUMX bDO_N bDO_SUB bHAVE_N bN_MOD bOP_PREP bTO_VT bVT_LET bWH_VED bWH_YOU cART_N_MOD cBE_NUM_OP
cDEM_ART_N cMOD_YOU_N cVT_ART_NS cVT_LET_OP cVT_TO_VT cYOU_VI_PART c^_WH_N comma_ART dART_N_VT_YOU
dBE_ART_ORD_N dVT_CONJ_ART_N dWH_VT_ART_N d^_MOD_SUB_VT d^_PART_ART_N d^_^_WH_N eafter_0_N fadd_2 fdid_3
fthe_6 fthere_7 fwhen_3 fwhich_2 fwhy_4 fwould_2 fx_7 gi_PREP gthe_PART gthey_N gtwenty-five_NUM gwhat_LET
gwhen_VT gwhy_BE hi'm_calling_N hwhat's_the_N hx_over_NUM ibefore_we_5 ifind_the_5 iis_it_3 iwhich_king_5
jif_0 jwhether_0 m2_ONE m2_VING m3_BE m4_BE m4_TO m6_PART noDO_1_NS noMOD_2_PREP nqhowBE_1_OP ns_1_ART
ns_2_DO o0_PREP o1_VED o2_HES pimp_3_LET poHAVE_2_N pqwhoBE_2_ORD ps_1_WH ps_2_PREP psub_0_BE rqhowBE_0_OP
rs_2_VED sub_False_0 u^_my_N uof_a_N uwas_the_ADJ uwrite_a_N vdo_you vgive_me vi_use vmr_brown vsaid_it
wdifference wlincoln wsomething wtook wwhen wwould xART_word xDO_you xNUM_years xN_become xN_brown xPREP_12
ydoes_N yfrom_NUM ygive_OBJ yit_MOD ysaid_YOU ythe_VING yto_VT ywho_VED ywork_PART
-0.7 aBE aCONJ aHAVE bADV_PREP bNUM_LET bNUM_PREP bN_HAVE bN_PREP bN_WH bPART_ART bPREP_VING bTO_VI bWH_DO
cART_N_ADJ cART_N_N cBE_N_PREP cNUMX_OP_NUM cN_OP_NUM cN_PART_NS cN_PREP_N cWH_VT_N cYOU_VT_OBJ c^_BE_N
c^_VT_NUM dART_N_N_N dN_PREP_ART_N dVT_ART_N_PREP d^_ART_N_VT d^_WH_VT_N d^_^_BE_N d^_^_VT_NUM ethat_0_N
ewhat_0_WH ewhether_0_N fan_7 fcould_3 fdo_3 fgive_2 fgive_3 fi'd_2 fif_5 fif_7 fsolve_4 fsolve_5 fthe_2
fturn_2 fwould_3 gcan_YOU gcould_VT ghalf_NUM ghis_N ghow_PREP ghow_TO ghundred_NUM gi_ORD gis_DEM gtell_PART
gwhere_NS gx_OP hcould_you_VT htell_me_PART hwhat_was_ADJ hwhen_do_ADJ hwhen_i_YOU hwhy_was_N ican_you_3
ii'm_calling_5 ii_need_2 ii_was_4 iwhat_does_5 iwhat_happened_4 iwhen_the_5 iwho_won_4 iwho_wrote_3 jbefore_0
jthat_0 kqx_1_2 ks_1_2 l2 m2_NS m2_PREP m3_TO m5_ART m5_LET m6_ART m6_SUB m6_VED m7_PREP nqBE_1_NUM
nqwhatDO_1_N nqwhyBE_1_NS ns_1_TO ns_2_SOME o1_BE pimp_2_OP poBE_3_PART poDO_0_VT pqBE_1_ADJ pqBE_1_NUM
pqwhatBE_3_OP pqwhyBE_2_N pqx_0_BE ps_1_ADV ps_1_NOT ps_3_SUB psub_1_TO roMOD_1_PREP rqx_1_PART rs_0_ART
rs_0_CONJ rs_1_NUMX rs_2_CONJ ui_use_N uthat_the_N uwant_to_VI uwhen_i_VT vsend_me vthe_difference w4 warmy
wbefore wdays weight wemma wexplain wfactor wgive whelp wi wking wlooking wmade wperson wruled wsentences
wshow wunder wword xART_difference xMOD_i xN_off xOP_3.5 xOP_twenty xSUB_use xVT_for xVT_the ygreat_N yi_N
ysend_OBJ ythe_NUM ythree_OP yto_VI yyou_N
-0.6 aNOT bNS_NS bNS_NUM bNUM_ADJ bNUM_OP bN_ADV bOP_OP bVT_ART bVT_BE bVT_PREP cART_N_CONJ cNS_PREP_N
cN_PART_DAY cN_PREP_NS cSUB_VT_N cVT_YOU_PART cWH_DO_N c^_ART_N c^_BE_NUM c^_VT_N comma_DEM dADJ_N_PREP_N
dART_ADJ_N_PREP dDO_N_ART_N dPREP_ART_N_BE dWH_BE_N_N d^_WH_DO_N d^_^_ART_N d^_^_BE_NUM d^_^_VT_N
eafter_0_PART ehow_0_WH ethat_1_VT ewho_0_WH fcould_4 fdid_2 ffind_5 fhe_3 fif_6 fis_4 fits_7 fplease_1
fwas_2 gafter_N gcan_VI ghow_NUM gi'd_VT gif_BE gis_CONJ gis_DAY gplease_ADV gsolve_OP gwhat's_OP gwhen_ORD
gyou_YOU hhow_do_VT hhow_many_PART hi_think_N hit's_a_N hmy_address_NUM hmy_name_N hplease_^_ADV
hthe_square_NUM hwhat's_the_NUM hwhat_did_N hwhat_is_VT ibecause_the_5 ii_keep_5 ii_think_4 ii_was_5
iis_the_3 imy_email_5 iplease_^_1 isolve_the_5 ithe_best_5 ithe_square_5 iwhat_does_4 iwho_ruled_5 iwhy_did_5
iwhy_is_3 iwhy_was_3 jonce_0 jthat_1 jwhether_1 koDO_0_x koMOD_1_0 kqDO_0_x kqhowDO_2_1 kqwhatDO_2_0
kqwhatx_1_2 kqwhenx_1_3 kqwhoBE_1_0 m2_LET m2_NUMX m3_ART m3_SUB m3_VING m4_CONJ m4_PART m7_YOU nqBE_1_CONJ
nqDO_1_DO nqwhatBE_1_ADJ nqwhereDO_1_NS ns_0_PREP ns_1_SUB ns_2_MOD ns_2_VT nsub_2_VT o0_ADV o0_CONJ o0_LET
o0_SUB o1_CON poBE_1_N poBE_1_NUM pqDO_1_SUB pqDO_2_ADJ pqMOD_2_N pqwhyDO_0_VT pqx_1_PART ps_0_VED ps_x_PREP
rimp_1_PREP roDO_1_VT rqBE_0_CONJ rqBE_1_VT rqwhatBE_0_ADJ sub_1 tbecause_1_3 tif_0_2 u^_is_NUM ubecause_my_N
ucan_i_VT ucan_you_VT ui_don't_VT v^_please va_poem vdoes_it vi_want vme_about vnext_monday vthe_letter
wafter wcan wfamous wget whow wleave wnew wsoldiers wwho xNS_in xN_four xN_in xN_with xOBJ_about xORD_monday
xSUB_want xVT_a xWH_it x^_please ydo_SUB ydoes_YOU yin_ADJ ymany_NS yplus_NUM ywith_NS
-0.5 aPART aVT bDO_NS bNUM_CONJ bN_ART bPREP_ART bSUB_N bTO_N bVI_CONJ bWH_BE bYOU_VT b^_YOU cART_ADJ_NS
cART_ORD_N cDO_ART_NS cLET_OP_OP cNUM_OP_PREP cN_ART_ORD cN_PREP_ART cN_VT_YOU cOP_OP_NUM cPART_ART_N
cPART_N_N cVT_N_PART cVT_PART_DAY cWH_BE_NUM cWH_DO_SUB c^_BE_ONE c^_SUB_VI c^_WH_DO c^_YOU_VI c^_^_YOU
comma_CONJ comma_NUMX comma_WH dCONJ_ART_N_BE dMOD_YOU_VT_OBJ d^_WH_BE_NUM d^_^_BE_ONE d^_^_SUB_VI d^_^_WH_DO
d^_^_YOU_VI d^_^_^_YOU fif_3 fshe_7 fsolve_6 fsolve_7 ftell_5 fthe_5 fuse_4 fwas_3 g80_NUM ga_NUM gcan_PREP
gdid_VT ghow_ADJ gi_TO gis_PREP gmy_N gtwo_NUM gwhat_ART gwhat_BE gwho_ART gwho_WH gwhy_VT hcan_you_YOU
hhow_do_YOU hi_think_VT hi_would_MOD his_it_N hit_was_BE hwhat_is_NUM hwho_wrote_VT ihow_can_5 ihow_did_5
ii_bought_5 ii_would_2 iin_the_5 imy_address_4 isend_it_5 iwhat_are_3 iwhen_did_5 ix_squared_5 kqhowDO_1_3
kqwhox_1_2 ks_1_3 ks_2_1 l3 m1_YOU m2_ART m2_SUB m2_YOU m3_DO m3_WH m5_SUB m7_ART m7_VI math_solve_OP
nimp_1_VT nqBE_1_ART nqBE_1_BE nqx_1_PART nqx_1_PREP nqx_1_VI nqx_1_VT ns_0_LET ns_1_CON o0_ART o0_NS o2_BE
o2_MOD pimp_1_NUM poBE_1_ONE pqBE_2_NS pqDO_1_NS pqhowDO_1_YOU pqwhatBE_2_PREP pqwhenDO_1_SUB ps_0_BE
ps_0_CON ps_0_DO ps_0_HAVE ps_1_DEM ps_x_LET psub_1_ADJ rimp_1_ART rqBE_0_BE rqx_1_PREP rs_0_HAVE rs_0_OP
rs_0_SUB rs_1_TO rs_1_VT rs_2_ART rs_2_NUM sub_False_1 sub_True_2 tif_0_1 tif_1_3 tthat_1_3 u^_^_YOU u^_i_VI
u^_what_N uat_the_N udid_the_N udid_the_NS utell_me_PART uto_the_N uwant_to_VT uwhat_is_NUM vdo_i vi_would
vit_was vsaid_that vthe_language vthe_second w12 w2 w5 w8 was wchina wgot wit's wname wsam wshould wuse
wwhat's xDO_i xMOD_you xNUM_plus xN_empire xOP_seven xSUB_have xSUB_would xVT_too xWH_do xYOU_was y^_YOU
yis_ADV yof_DAY ysaid_DEM ysquared_OP ytimes_NUM yto_N yuse_N ywith_ART ywith_N
-0.4 aLET bBE_ART bNS_CONJ bNS_DO bN_VI bTO_ART bWH_MOD bWH_SOME b^_CON b^_DEM b^_NUM b^_VT cART_N_WH
cDAY_PREP_NUM cN_PART_N cSUB_VT_TO cVT_PREP_N cWH_BE_N cWH_BE_NS c^_WH_BE c^_^_CON c^_^_DEM c^_^_NUM c^_^_VT
dOBJ_PREP_ART_N dSUB_VT_ART_N dVT_PREP_ART_N dWH_DO_ART_NS d^_VT_ART_N d^_WH_BE_N d^_WH_BE_NS d^_^_WH_BE
d^_^_^_CON d^_^_^_DEM d^_^_^_NUM d^_^_^_VT fgive_4 fi'm_7 fis_3 fit_1 fthey_2 fwhat_3 fwhere_3 gcan_NUM
gi_ART gi_PART gi_SUB gif_VT gtell_N gwhat_DAY gwhen_WH gwhy_PREP hgive_me_OBJ hhow_much_N his_it_YOU
hit_^_YOU hwho_is_N ican_i_3 ido_you_5 igive_me_2 ihow_long_5 ii_live_5 iif_the_5 iit_^_1 iit_was_2 iit_was_5
iwhat_are_5 iwhat_did_4 iwhat_do_5 iwhat_time_5 iwho_was_5 iwho_were_3 iwho_won_5 iwhy_is_4 koMOD_1_1
kqhowBE_0_x kqhowx_0_x kqwhatDO_1_1 kqwhenDO_0_x kqwhox_1_0 kqwhyBE_0_x ks_0_x ksub_1_1 m1_CON m1_DEM m1_NUM
m1_VT m2_DO m4_NUMX m4_VING m4_VT m5_DO m6_PREP m6_TO nimp_1_ART nimp_1_LET noBE_1_DAY noBE_1_DEM noBE_1_PREP
noMOD_2_ART nqDO_1_ADJ nqDO_1_N nqwhatDO_1_DO nqwhenDO_2_VT nqx_0_PART ns_0_ART ns_0_SUB ns_1_BE ns_1_HES
ns_1_ORD ns_1_PART o0_ONE o0_WH o1_YOU o2_HAVE o2_SUB poBE_3_PREP poMOD_3_PREP pqBE_0_BE pqDO_1_YOU
pqDO_2_ART pqDO_2_N pqwhoBE_1_NS pqwhoBE_3_N pqx_x_PART ps_1_TO ps_2_ADJ ps_2_ART ps_2_CONJ ps_3_ONE ps_x_ART
ps_x_SUB rimp_1_LET rimp_1_VT roBE_0_ART roBE_0_DAY roBE_0_DEM roBE_0_PREP rqBE_0_ART rqhowDO_1_N
rqwhoBE_0_ADJ rqx_0_PART rs_0_LET rs_0_ORD rs_0_TO u^_^_CON u^_^_DEM u^_^_NUM u^_^_VT u^_give_OBJ u^_it_VI
v^_it vi_think vtoo_late w10 wpeople wwere wwrote xADJ_tense xSUB_think xVT_my x^_it y^_CON y^_DEM y^_NUM
y^_VT yand_NUM ydo_YOU yhappened_PART yhow_SOME yone_N yto_ART ywas_ADJ ywas_NS ywhat_BE ywhen_DO
-0.3 aHES aWH bART_N bNUM_NS bPREP_NUM bSUB_VT bVI_TO bWH_NS b^_BE b^_MOD b^_SUB b^_WH cDO_N_VI cTO_VT_ART
cWH_BE_ART cWH_DO_YOU c^_MOD_YOU c^_^_BE c^_^_MOD c^_^_SUB c^_^_WH dART_N_PREP_ART dART_N_PREP_NS
dHAVE_ART_N_WH dWH_DO_ART_N dYOU_VT_ART_N d^_WH_BE_ART d^_^_MOD_YOU d^_^_^_BE d^_^_^_MOD d^_^_^_SUB d^_^_^_WH
fa_7 fcan_2 fthe_7 fwas_4 fwhen_4 fwhy_5 gcan_ART ghow_DO ghow_WH gif_NUM gis_ART gthe_ART gthe_N gwhy_ART
hi_have_WH hwhat_is_PREP hwhen_i_N icould_you_5 iwhat_happened_3 kqhowDO_2_0 kqwhatBE_0_x kqwhatBE_1_0
kqwhenx_0_x kqx_0_x ksub_2_3 m1_BE m1_MOD m1_SUB m1_WH m2_VT m5_NUM m6_MOD nimp_1_PART nimp_1_PREP nimp_1_TO
noBE_1_ART noBE_1_BE noMOD_1_MOD nqMOD_1_MOD nqwhatBE_1_ART nqwhatx_1_PART nqwhyBE_1_N nqx_0_WH nqx_1_ART
ns_0_ADJ ns_0_CONJ ns_0_DEM ns_1_CONJ o1_HAVE o2_TO pimp_3_ART pimp_3_PREP poMOD_0_MOD pqBE_1_ART pqBE_3_ART
pqDO_2_NS pqMOD_0_MOD pqhowDO_0_DO pqhowDO_2_N pqwhatBE_0_BE pqx_x_WH ps_0_VI ps_0_VT ps_1_ART ps_2_TO
ps_3_ADJ ps_x_ADJ ps_x_CONJ ps_x_DEM rimp_1_PART rimp_1_TO roBE_0_N roMOD_0_MOD roMOD_1_ART rqMOD_0_MOD
rqhowDO_0_DO rqwhatBE_0_BE rqwhatx_1_PART rqx_0_PREP rqx_0_WH rqx_1_ART rs_0_BE rs_1_SUB rs_1_YOU rs_2_ADJ
sub_True_1 u^_^_BE u^_^_MOD u^_^_SUB u^_^_WH ua_question_WH uthe_great_N vcan_you vwhen_do wbetween wcall
wcould wdid wdoesn't wwhat xBE_the xPART_the xPREP_the xVI_to xWH_did xWH_is xWH_was y^_BE y^_MOD y^_SUB
y^_WH ycan_YOU yi_VT yin_ART yis_ART yof_NS yquestion_WH ywhat_DO
-0.2 aCON aORD bART_NS bCONJ_N bCON_ART bNS_PART bVI_PREP bYOU_VI b^_ART b^_DO cART_N_PART cART_N_PREP
cN_N_VT cVI_ART_N c^_WH_MOD c^_^_ART c^_^_DO comma_ADV comma_N comma_VI comma_VT dBE_ART_N_N d^_ART_N_BE
d^_^_WH_MOD d^_^_^_ART d^_^_^_DO fi_1 fis_1 fwhat_4 fwhen_2 fwho_1 ghow_SUB gi_VT git_YOU gsolve_NUM
hhow_do_DO hi_^_SUB hi_need_VT his_^_BE hwhat_does_VT hwhat_is_ART hwhat_is_BE hwho_^_WH ican_you_5
igive_me_3 ii_^_1 ii_want_4 iis_^_1 iis_it_4 iwho_^_1 iwhy_did_3 koBE_1_0 koMOD_0_x kqDO_1_0 kqwhatDO_0_x
kqwhatx_0_x kqwhenDO_1_0 kqwhyDO_0_x ks_2_2 ksub_1_3 m1_ART m1_DO m2_DAY m2_NUM m4_ORD m5_VT noDO_1_DO
noDO_2_VT nqhowDO_2_N nqwhatBE_1_BE nqwhox_0_WH ns_0_ONE o1_MOD o1_SUB o1_VI pimp_0_VT pimp_1_N poDO_0_DO
pqDO_1_N pqhowDO_0_VT pqwhatBE_1_ART pqwhenDO_0_VT pqwhoBE_1_N pqwhox_x_WH ps_x_ONE roDO_0_DO rqDO_0_N
rqwhatBE_0_ART rqwhatDO_0_N rqwhoBE_0_BE rqwhox_0_WH rqwhyBE_0_N rqwhyDO_1_VT rs_1_PREP u^_^_ART u^_^_DO
u^_what_BE u^_what_DO v^_i v^_is v^_who vwhat_is wdivided wyou xDO_the xWH_does x^_i x^_is x^_who y^_ART
y^_DO yis_NUM yof_N ywas_ART ywho_BE
-0.1 bNS_VT bPART_NUM cART_ADJ_N comma_PART fcan_4 fhow_1 fhow_5 fit_2 ggive_OBJ ghow_ART gwhat_WH hcan_you_N
hhow_^_WH ihow_^_1 iis_it_5 iwhat_is_2 kqBE_0_x kqDO_1_3 kqDO_2_0 ks_1_1 ks_2_3 ksub_0_x l4 nqDO_1_SUB
nqhowDO_1_DO nqhowx_0_WH nqwhoBE_1_BE ns_0_N ns_1_NOT o0_N o1_PART pqBE_1_N pqhowx_x_WH ps_2_VT ps_3_DEM
ps_x_N roBE_0_YOU rqDO_0_ADJ rqDO_0_SUB rqhowx_0_WH rs_0_CON u^_who_BE v^_how vwas_the x^_how ywas_N
+0.1 bART_DAY bART_VT bBE_N bNUM_DAY bSOME_N cART_NS_VT cDO_SUB_VT dART_N_BE_N fcan_7 fi_5 gi'm_ADJ gis_N
gwhat_N hx_squared_NUM ii_have_4 iwhat_is_5 iwhat_were_5 iwho_was_3 kimp_1_0 kimp_1_3 koMOD_1_2 kqBE_1_1
kqhowDO_1_1 kqwhichBE_0_x m4_DO m5_N nimp_1_NUM noDO_2_N nqDO_2_PREP o0_ORD o1_ADJ o1_CONJ pimp_1_OBJ
poBE_0_BE poBE_3_NUM ps_3_NUM rqwhoBE_0_N rs_1_N w144 wessay wone xVI_from yminus_NUM ywas_VED
+0.2 bCON_ADJ bORD_DAY bPREP_DAY bPREP_N cPREP_ART_N cSUB_DO_VT comma_PREP comma_YOU dART_N_N_VT fcould_7
fi_3 fi_6 fi_7 fwhere_4 gthree_NUM gwhat_DO gwhat_PART gwho_BE hwhen_was_N ihow_did_4 ihow_many_5 ii'd_like_5
iit_doesn't_5 iwhen_was_5 iwho_was_4 l6 m3_N m3_YOU m5_PREP m6_NUM m7_BE m7_VT noBE_1_ONE nqBE_1_ADJ
nqBE_2_VED nqMOD_2_N nqwhatBE_1_N nqwhenDO_2_VI nqwhox_1_N nqx_1_N ns_0_NUM ns_1_ADJ ns_1_NUM ns_1_VT o0_ADJ
o1_NS o1_NUM o1_OP pimp_2_N poMOD_0_VI pqBE_2_N pqBE_3_PART pqDO_0_VI pqwhatBE_1_N pqwhenDO_0_VI pqwhox_3_N
ps_x_NUM rqBE_0_NUM rqBE_0_PART rqDO_1_VT rqMOD_1_N rqwhatBE_0_N rqwhox_1_N rqx_1_VT rs_0_DAY rs_0_YOU
rs_1_ADJ u^_i_VT wend wfriday wsay wverb xART_room xART_verb xN_mean yat_NUM
+0.3 aLY aVING bADJ_N bDO_ART bVI_ADV bVT_PART cN_CONJ_N cYOU_VT_N dART_N_BE_ADJ dDO_ART_N_VT dDO_N_VT_N
dNS_PREP_ART_N dN_PART_ART_N dN_VT_ART_N dWH_BE_N_NS fi'd_7 fi'm_4 fi'm_6 fi_4 fthe_3 fwe_4 gcan_DAY ghow_VI
gmy_ADJ gseven_NUM gwhat's_N gwhat's_NS gwhen_DO gwhy_VI hhow_did_N hi_want_N hwhat_did_VT hwhat_is_N
hwho_won_N hwhy_did_VI igive_me_5 ihe_was_5 iwhat_are_4 iwhat_is_4 iwhat_was_5 iwhy_does_5 kqMOD_1_1
kqwhatBE_1_2 kqwhenBE_0_x kqwhyDO_1_2 l5 m3_PART m6_BE m6_VT m7_VED nimp_1_NS nqBE_1_N nqBE_1_NS nqwhichx_1_N
nqwhoBE_1_NS ns_1_DAY ns_2_NS ns_2_PART o0_YOU o1_DEM o1_N o1_ONE o2_YOU poMOD_3_DAY poMOD_3_N pqwhatDO_0_VT
pqwhenDO_1_N pqwhyDO_3_N ps_2_YOU ps_3_N ps_3_VI psub_0_VT rimp_1_N roMOD_0_N rqwhatBE_0_NS rqwhatBE_0_PREP
rqwhereDO_1_PREP rqwhoBE_0_NS rs_2_DAY rsub_0_DAY sub_True_3 tWH_0_0 uwere_the_NS wanswer wcomputer wlanguage
wlate wnine wnumber wquestion wroom wtable wthree wtimes xART_appointment xART_plan xBE_good xN_live xN_one
yof_ART yon_DAY
+0.4 aDEM aONE bADV_N bNOT_VI bNUM_VI bN_BE bPART_N bPREP_DEM bPREP_NS bVT_DAY bVT_TO cART_N_BE cART_N_DO
cBE_N_N cNUM_TO_NUM cVI_PART_NUM cWH_N_BE comma_LY dART_N_VT_N dBE_N_ART_ADJ dLET_OP_OP_NUM dN_DO_SUB_VT
dSUB_N_ART_N dVI_PART_ART_N dWH_DO_N_DO dWH_DO_N_N dYOU_N_CONJ_N d^_CON_ART_N eif_1_ADJ fat_7 ffind_2 fit's_4
fthis_3 fwhat_5 fwho_3 fwho_4 fwho_6 ga_ART ghow_BE gi_CONJ gi_DO git's_ADV git_VI gthe_ADJ gthey_ADJ
gwhat's_ART gwhat_VT gwhen_ART gwhich_NS hdo_you_DAY hhow_do_ART hi'm_looking_N hi_live_N hwhat_does_N
hwho_wrote_N iexpand_x_5 ihow_do_5 ii'd_like_4 ii_want_5 ithis_is_3 iwhat's_the_5 iwho_is_4 iwho_were_4
kimp_2_1 kimp_2_2 kqMOD_0_x kqwhoDO_0_x kqwhox_1_3 kqx_2_0 ksub_2_0 m4_NS m5_NS m5_VED m6_VI m7_VING
noBE_1_PART noDO_2_DAY noMOD_2_DAY noMOD_2_VI noMOD_2_VT nqBE_1_OP nqDO_2_HAVE nqMOD_2_VT nqhowDO_2_VI
nqwhereDO_2_PREP nqwhyDO_1_N ns_0_OP ns_1_N ns_1_WH ns_2_ART ns_2_N ns_2_NUM pimp_3_N pimp_3_NUM pimp_3_NUMX
poBE_3_ADJ pqBE_2_PART pqDO_0_HAVE pqMOD_0_VT pqwhatBE_2_N pqwhatBE_3_NUM pqwhatBE_3_PART pqwhatx_3_N
pqwhenBE_3_N pqwhereDO_1_PREP pqwhoBE_0_BE pqwhox_0_VT ps_x_OP roMOD_0_ADV roMOD_1_DAY rqBE_0_N rqBE_0_OP
rqwhatBE_0_NUM rqwhenDO_0_N rqx_1_NS rs_0_DEM rs_1_CONJ rs_1_NUM rs_2_VI sub_3 u^_who_VT udivided_by_NUM
ufor_my_N uhave_a_N uinvented_the_N uof_the_N uworld_war_NUM va_simile vare_you vi_bought vnew_york
vthe_address vthe_invoice vthe_number vthe_river vwant_to waccount wanna ware wbought wcancel wclosed
wfraction wfrom wlive wreservation wschool wsimile wso wteacher wthat wthrough wwhy wyork xADJ_for xADJ_york
xART_number xART_simile xART_table xNS_work xPART_it xSUB_bought xVT_to y3_DAY ya_N yand_NS yare_YOU
ydoes_ART yfor_N yis_ADJ ymy_N ynew_N yon_ADV yuses_SOME ywant_TO ywar_NUM
+0.5 bNUM_N bORD_NUM bPOSS_N bTO_NUM bVI_N bVT_DEM bVT_NS bYOU_BE cART_NS_ADJ cART_ORD_NUM cNUM_NS_VI
cN_N_PREP cOP_NUM_OP cPART_ART_DAY cTO_VT_N cVT_BE_ADJ cVT_N_NS cYOU_VT_YOU c^_LET_OP comma_LET
dART_N_ADJ_NUM dART_N_PREP_ADJ dART_ORD_N_N dBE_ART_N_PREP dN_ART_ORD_N dN_BE_N_N dN_N_PREP_N dPART_ART_N_VT
dPART_N_PART_NUM dSUB_HAVE_ART_N dVT_OBJ_ART_N dVT_TO_VI_PART dWH_BE_ART_ADJ dWH_DO_N_VT dWH_VT_N_N
d^_ART_ADJ_N d^_^_LET_OP ehow_1_VI ethat_0_DEM ewhether_0_PREP fare_5 fexplain_3 fexplain_5 fsend_4 fthe_4
fwhat's_5 fwhich_6 gdoes_N gif_ADJ gis_BE gis_PART git_ADJ gsubtract_NUM gthe_VT gthe_YOU gwhat's_CON
gwhat's_PREP gwhen_SUB gwhere_N gwho_NS gwho_ORD hcan_you_OBJ hhow_did_NS hhow_do_PART hi_need_N hi_think_ADJ
hi_was_N his_the_ADJ hwhat_are_NS hwhat_does_DO hwhen_was_VT hwho_killed_N hwho_painted_N hwho_were_NS
hwhy_is_ADJ hx_squared_OP ii_need_5 ithe_answer_4 iwhen_do_5 iwhen_were_5 jWH_1 koBE_1_3 koMOD_1_3
kqhowDO_1_0 kqwhox_0_x kqwhyBE_1_0 m4_ADJ m4_ADV m4_NUM m5_TO m5_WH m6_DO m6_ORD noBE_2_BE noMOD_2_N
nqBE_1_PREP nqDO_2_N nqhowBE_1_N nqhowDO_1_ORD nqwhatx_1_N ns_1_MOD ns_2_ADJ nsub_2_YOU o1_VING o2_ADJ o3_BE
o3_VI pimp_3_DAY pqBE_0_VED pqBE_3_ADJ pqBE_3_N pqDO_3_ART pqhowDO_3_ORD pqwhatBE_3_PREP pqwhyBE_0_VED
pqwhyDO_3_NUM ps_2_ADV ps_2_N ps_2_WH ps_3_DAY ps_3_YOU roBE_0_PART rqDO_2_N rqhowDO_0_ORD rqhowDO_1_NS
rqhowDO_1_VI rqwhatx_1_N rqwhenBE_1_VT rqwhyDO_1_N rqwhyDO_1_VI rqx_1_N rqx_1_NUM rs_0_ADJ rs_0_MOD rs_0_NS
rs_2_YOU sub_False_2 tthat_0_0 tthat_2_4 twhether_0_0 u^_a_N ubecome_a_N ubigger_than_NUM ucancel_my_N
udivisible_by_NUM udo_i_VT ufrom_the_N uin_a_N usend_it_TO ushould_i_VT v3_pm vat_noon vcome_from
vdoesn't_work vexplain_it vfour_o'clock vis_wrong vof_a vthe_station w80 wanother wapp wboth wcar wclause wdo
wemail wengland wexpensive wfor wlondon wo'clock wpm wready wsent wstation wthirty wthursday wwednesday
wwhether wwin wwork wwrong xART_account xART_answer xART_app xART_chapter xART_great xART_screen xART_station
xART_story xART_treaty xBE_different xBE_slow xNOT_arrived xNUM_o'clock xNUM_pm xOP_six xPREP_noon xVI_on
xVT_it ya_VING yat_DAY ycome_PREP ydoesn't_VI yexplain_YOU yis_NS yit_PART yon_N yto_NUM ytoo_ADJ ywhat_N
yyou_MOD
+0.6 aNUM aVED aYOU bADV_ADV bDAY_NUM bN_N bOP_N bOP_NUMX bPART_ADV bPREP_ADJ bTO_NS bVT_N bVT_VING bYOU_DO
cADJ_ART_N cADJ_TO_N cBE_ART_N cDO_YOU_HAVE cNUM_OP_NUM cN_ART_N cN_BE_PART cN_N_VI cN_VT_PREP cORD_N_N
cPART_NUM_DAY cPART_NUM_N cPREP_NUM_DAY cVI_PREP_N cVT_ART_N cYOU_VT_ART cYOU_VT_PREP c^_ADV_ADJ c^_N_ADV
comma_VED dART_NS_PREP_N dART_N_BE_PART dART_N_VT_PREP dN_PART_ART_VT dPART_N_CONJ_N dVI_PART_NUM_DAY
dVT_NUM_PREP_NUM dVT_YOU_BE_N dWH_DO_NS_VI dWH_VI_PREP_N d^_PART_NUM_DAY d^_SUB_DO_VT d^_^_ADV_ADJ d^_^_N_ADV
eafter_0_DAY ewhat_1_LET ewhy_0_WH fare_4 fcall_3 fcould_5 fdo_4 fdo_7 fif_2 fmy_4 fthat's_3 fwhat's_4
fwhat's_6 fwhen_5 fwrite_5 gcan_ADV gcancel_VT gdoes_NS ghow_VT gsimplify_NUM gthe_NUM gwhich_VT gwho_YOU
ha_quarter_NUM hgive_me_N hhe_was_N hhow_far_N hi_got_N hwhat's_the_ART hwhat_is_PART hwhat_was_NUM
hwhat_were_NS hwho_was_ORD iafter_the_5 icall_me_3 ican_i_5 ican_you_4 ihow_does_5 ii_don't_5 ii_need_4
ii_work_5 iit_is_4 ithis_is_5 iwhat_did_5 iwho_invented_4 iwould_you_5 koMOD_2_0 kqwhatBE_1_1 kqwhenBE_1_0
kqwhoBE_1_1 m2_VED m4_OP m5_OBJ m5_YOU m6_NS m7_ADJ m7_DAY m7_LET m7_N math_simplify_NUM math_solve_LET
nimp_1_DAY noBE_1_ADJ nqBE_2_PART nqBE_2_VT nqDO_2_VING nqhowBE_1_YOU nqwhatx_1_NUM nqwhenDO_1_N
nqwhenDO_2_ART nqwhoBE_1_ORD nqwhoBE_1_TO nqx_1_NUM ns_0_ADV nsub_2_ADJ nsub_2_VI o2_NS poDO_1_NS poDO_3_N
pqBE_0_VT pqBE_3_NS pqMOD_3_N pqhowBE_1_YOU pqhowDO_0_VI pqwhatDO_0_DO pqwhatx_0_VI pqwhenBE_3_NS
pqwhenDO_3_N pqwhichx_2_N pqx_1_YOU pqx_2_N pqx_3_NS ps_x_ADV rimp_1_DAY rimp_1_OBJ roMOD_2_VI rqBE_1_VI
rqDO_1_PREP rqDO_2_VING rqhowBE_0_N rqhowBE_0_YOU rqhowDO_0_HAVE rqhowDO_1_ADJ rqwhoBE_0_ORD rs_0_NUMX
rsub_2_VI tWH_2_4 tafter_0_2 tbecause_1_4 tthat_1_4 uabout_a_N uchange_my_N udo_you_HAVE uhappened_at_N
uis_a_N ume_the_N uremember_the_N uthe_wrong_N ux_equals_NUM vat_6:15 vcancel_it vin_1914 vnext_week
von_wednesday vtalk_to vthe_great vthe_verb vto_france vwar_two w1066 warrive wbroken wchapter wflight wgrow
whappen whappens wimportant winvoice wirony wmadrid wnumbers wpassword wphone wriver wstory wswim wus
xART_war xBE_wrong xLET_squared xNS_live xN_die xN_on xN_send xN_sentence xN_two xORD_one xPART_1066
xPART_1914 xPART_monday xPART_thursday xPART_wednesday xPREP_6:15 xPREP_berlin xPREP_it xPREP_me xPREP_thirty
xTO_france y10_OP yan_N yare_ADJ ybecome_N yby_NUM ycancel_YOU yexplain_NS yfour_DAY yi_DO yit_VT yof_NUM
yspell_N ytalk_TO yto_NS ywill_VI ywrong_N
+0.7 aN aNS bADJ_TO bBE_NS bCONJ_ADJ bCON_ADV bDEM_BE bDEM_N bDEM_VT bNUM_ADV bNUM_PART bN_ONE bVI_YOU bVT_VT
cBE_ADV_ADJ cCONJ_N_VT cCON_ART_N cDO_ADJ_VT cDO_NS_VI cNS_BE_ADJ cNS_BE_ONE cNS_PREP_NS cNUM_CONJ_NUM
cN_ADJ_NUM cN_SUB_VT cPREP_NUM_N cSUB_VT_NS cVED_ART_NS cYOU_BE_NUM c^_SUB_DO dADJ_PART_ART_N dART_N_TO_N
dART_N_VI_PART dBE_ART_ADJ_ADJ dBE_N_ART_N dBE_N_N_N dBE_PART_ART_N dDO_ART_N_VI dDO_N_N_N dDO_YOU_VT_ART
dMOD_VT_ART_N dNS_DO_YOU_HAVE dOP_NUM_OP_NUM dORD_N_PREP_N dPART_DAY_PREP_NUM dSUB_VT_NUM_NS dVT_ART_ADJ_NUM
dVT_N_N_NUM dWH_DO_ADJ_VT d^_^_SUB_DO ewhat_1_DO fare_3 fcancel_2 fconvert_5 ffirst_7 fhow_6 fi'd_5 fi'll_3
fi'm_2 fi'm_5 fis_5 fmy_7 fsend_6 fsimplify_4 fsubtract_4 fthere_4 fwhat_7 fwhen_6 fwhere_5 fwhere_7 fwhich_7
ga_PREP gcan_DEM gfactor_NUM ghow_YOU git's_NUM gshe_ADJ gsimplify_NUMX gthat's_N gwhich_PART hafter_i_ADJ
hdo_you_VI hhow_big_N hhow_do_ADJ hi_work_N hthe_problem_N hthis_is_N hwhat_were_PREP hwhere_did_VI
hwho_invented_N ibecause_they_5 ican_we_5 icould_i_5 ii_couldn't_4 ii_like_3 ii_said_3 ii_think_5 iis_there_4
isend_the_5 ithe_problem_5 ithey_are_4 iwhat_do_4 iwhen_does_5 iwhere_did_4 iwho_started_4 iyesterday_i_5
kqBE_1_0 kqwhereBE_0_x m4_LET m4_YOU m6_DAY m6_LY m6_YOU math_factor_NUM math_simplify_NUMX noBE_1_NUM
noMOD_1_YOU noMOD_2_PART nqBE_2_PREP nqhowDO_2_ADJ nqhowDO_2_HAVE nqwhatBE_1_NS nqwhatDO_2_VT nqwhenBE_2_VT
nqwhichBE_1_ADJ nqwhichBE_1_PART nqwhyDO_2_VI nqx_1_NS ns_0_ORD o0_DAY o0_NUM o2_ADV o2_ONE o2_VT o3_TO
pimp_1_PART pimp_2_NUM poMOD_3_ADV pqDO_3_N pqhowDO_0_HAVE pqwhenBE_0_VT pqwhoBE_2_N pqwhoBE_3_ADJ
pqwhyBE_3_ADJ pqx_1_ADJ ps_1_NUM ps_1_VT ps_2_NS ps_2_OBJ ps_3_ADV ps_3_WH ps_x_ORD rimp_1_NUM rqwhatDO_1_VT
rqwhichBE_0_ADJ rs_0_N rsub_2_YOU tWH_1_3 tWH_1_4 tthat_1_1 u^_the_N uin_nineteen_ADJ uis_it_PART uis_my_N
uit_was_N uquarter_past_NUM uwas_a_N ux_is_NUM vbuy_it vfor_me vin_1066 vit_off vmarried_to
vnineteen_forty-five vthe_crusades vthe_war vto_speak vused_for vyou_mean w0 waddress wbuilt wcard wcrusades
wfall wforty-five whappy wmeeting wmonday womar wpark wphotosynthesis wplan wpoem wseven wthere wtuesday
wverbs xADJ_to xART_crusades xART_essay xART_meeting xBE_sent xBE_there xBE_you xNUM_forty-five xN_explode
xN_president xN_you xPREP_hundred xPREP_seven xPREP_three xTO_speak xVI_it xYOU_off y10_N ybuy_YOU ygo_PART
yin_NUM ymarried_TO ynear_N ynineteen_ADJ yor_N ypast_NUM ythat's_ADJ yused_PREP yx_NUM
+0.8 aADJ aOBJ bDAY_ADV bDAY_N bDO_VI bDO_VT bN_NS bN_YOU bOBJ_DEM cART_ADJ_NUM cART_ADJ_VT cBE_DEM_N
cLET_BE_NUM cNS_CONJ_NS cNUM_BE_NUM cN_MOD_VT cN_YOU_BE cOP_PREP_NUM cSUB_VT_CONJ cVT_OBJ_DEM cVT_PART_NUM
cYOU_BE_ADJ c^_YOU_BE dONE_BE_NUM_NS dOP_LET_OP_NUM dOP_NUM_BE_NUM dTO_VT_ART_N dVT_VING_ART_N d^_N_CONJ_N
d^_^_YOU_BE fall_2 fexplain_2 ffind_7 fhas_5 fit's_2 fmy_5 fon_5 fsay_3 fthat_3 fwho_5 fwho_7 fwhy_2 gcan_OBJ
gexplain_N ghow_DAY gi'm_N gis_NUM git's_N git_BE git_DAY gtell_NS gwho_N gwill_VT hhow_did_OP hhow_do_N
hhow_long_ORD hhow_many_VT hi'd_like_N hit_is_N htell_me_NS hturn_the_PART hwhat_did_DO hwhat_is_VING
hwhen_do_ART hwhen_i_VI hwho_discovered_N ia_quarter_4 icancel_the_3 ido_you_4 ihas_my_5 iis_my_4 ithe_best_3
iturn_the_4 iwhat_kind_5 iwhat_was_3 iwho_discovered_3 kqwhoDO_1_1 m3_NOT m6_N m7_NUM m7_NUMX nimp_1_N
noMOD_2_ADV nqBE_2_VI nqDO_1_PREP nqwhichDO_2_VT nsub_1_DAY o1_ORD o2_VI o3_NS o3_SOME poBE_2_ADJ poMOD_3_YOU
pqBE_2_OP pqwhatBE_1_NS pqwhenx_0_VI pqwhichBE_3_PART pqwhichDO_0_VT ps_1_DAY ps_2_PART ps_2_VING psub_3_DAY
rimp_2_VING roBE_0_NUM rqDO_0_HAVE rqwhatDO_0_DO rqwhenBE_1_N rqwhyBE_0_ADJ rs_0_NUM tWH_1_2 u^_i_DO
ufirst_world_N uhelp_the_N unear_the_N utold_me_DEM van_apostrophe vat_seven vis_emma vis_long vit_works
vme_that vof_us vthe_last vtwo_x vwrite_it w50 wallegory wassonance wbook wdangerous wdemocracy wdisappear
wenjambment wfrance wit wonomatopoeia wpriya wsubscription wticket xADJ_one xART_booking xART_order
xART_twenty-first xBE_long xDEM_is xNS_write xNUM_please xNUM_start xN_built xN_disappear xN_for xOBJ_that
xPREP_that xPREP_us xSUB_understand xVT_in xYOU_do xYOU_works y12_NS yany_NS yare_ADV ybecome_ADJ ybomb_N
yfor_OBJ yin_NS yinvade_N ylike_NS yme_DEM ymy_VT ynext_DAY ysays_N ysee_YOU ytwo_LET ywhat_NS ywrite_YOU
+0.9 aVI bADV_VT bART_VI bDEM_ADV bPREP_CONJ bPREP_WH cART_CONJ_CON cDO_NS_N cDO_YOU_VI cNUM_PREP_NUM
cTO_N_YOU comma_DO dART_N_SUB_VT dSUB_HAVE_NUM_NS dSUB_MOD_VT_YOU dTO_ART_N_N dWH_ART_N_BE dWH_N_YOU_BE
fdid_5 fexpand_7 fhave_5 flast_6 fmaybe_2 fround_6 fshow_6 ftell_7 fuse_5 fvery_2 fwhy_6 fyour_4 ga_YOU gi_N
gi_NUM gin_DAY git_N glast_N gmaybe_ADV gwhat_ADV gwho_PREP hi_don't_DO hi_know_VT hif_i_VT hshe_was_N
hthe_allies_VT hwhen_do_SUB hwho_built_N hwho_was_ADJ ihave_you_5 ihow_does_4 ii_didn't_4 iit's_not_3
iit_won't_3 ion_the_5 ishould_i_5 ithe_phone_4 iwhat's_another_5 iwhen_is_4 iwill_it_3 m3_ADV nimp_1_ADV
nimp_1_OBJ noDO_2_NS nqDO_1_TO nqwhereBE_1_PREP nqwhyBE_1_ADJ ns_2_YOU o2_DEM o3_ADJ o3_VED poBE_0_VT
poBE_2_PART poBE_3_NS pqBE_1_PREP pqBE_3_ORD pqDO_3_PART pqwhyDO_0_VI ps_3_PREP roMOD_0_NS rqwhereBE_0_PREP
rs_0_SOME rs_1_ADV rs_1_OP uabout_my_N ubattle_of_N uwith_my_N vat_eleven vat_thirty vgo_on vgoing_to vi_do
vi_understand vis_open vmy_order vthe_1960s vthe_app vthe_world vtimes_four vtried_that w1960s wabout
walliteration wfly wgravity whelped wholocaust wmesopotamia wpersonification wprinter wslavery wwales xADV_on
xART_1960s xART_infinitive xART_other xART_world xDO_know xNS_like xN_start xONE_happens xOP_12 xOP_nine
xPREP_eleven xVT_why yand_ART yand_PREP yfor_ADJ yget_PART ygoing_TO yit's_NUM yit_ADJ yor_PREP ysaid_NUM
ysix_OP ytried_DEM
+1 aADV bNS_ADJ bN_SUB bONE_ADJ bPART_DAY bPART_YOU bVI_PART bVT_YOU cPREP_NUM_NS cYOU_BE_ADV c^_N_YOU
dADV_BE_ART_N dART_N_MOD_VT dPREP_NUM_CONJ_NUM d^_SUB_VT_CONJ d^_^_N_YOU ehow_2_HAVE ewhich_1_VT fexplain_6
fhow_7 fin_2 fjust_2 fremember_7 fthat's_4 fwhat_6 fwhen_7 gi'd_BE gi_BE gthat's_VT gthere's_N gwhat_HAVE
gwhat_PREP hcan_you_DEM hthe_king_N hwhat_about_N hwhat_happened_NUM hwhat_was_N ii_got_3 iis_the_4
iwhen_is_5 iwill_the_4 kqBE_2_0 kqwhyx_0_x l7 m2_PART m7_LY m7_NS nqDO_2_DO nqDO_2_NS nqDO_2_VT nqwhatDO_2_DO
ns_2_PREP o2_LY o2_N o3_VT pqDO_3_NS pqwhyDO_3_NS psub_3_N rqBE_0_PREP rqwhatDO_1_PREP rqwhichBE_0_PART
rqx_1_YOU rsub_1_HAVE tafter_0_3 u^_it_BE uit_was_ADJ uto_log_PART uwill_it_VT va_meeting vfamous_for
vplus_two vthe_airport vthe_blitz vthe_enlightenment vthe_holocaust w2019 wairport wbirthday wblitz wdavid
wenlightenment wknow wmen wmore wmove wpompeii wsaturday wtables wtheir wyet xART_airport xART_blitz
xART_computer xART_enlightenment xART_holocaust xART_language xN_collapse xN_like xN_please xN_win
xPART_sunday xVT_this yanything_ADJ yfamous_PREP
+1.1 bART_NUMX bBE_ADJ bBE_PREP bN_OP bPREP_VT cADJ_SUB_VT cART_VT_NUM cDO_YOU_VT cN_VI_PREP cOBJ_ART_N
cPREP_ART_ADJ cVI_YOU_PART dADJ_PREP_LET_OP dNUM_ADJ_PREP_NUM dN_PREP_NUM_NS dOP_NUMX_OP_NUM dOP_N_OP_NUM
dPART_N_N_NUM dWH_DO_NS_N ewhere_1_BE fcancel_3 ffor_3 fi'd_3 fmay_2 fshall_3 fturn_4 fwas_5 g10_N g144_NUM
gderivative_LET gthis_N gy_NUM hderivative_of_LET hi_bought_YOU ii_don't_4 ishall_we_3 iwhat_about_4
iwhat_happens_4 jWH_2 m3_DEM m3_ONE m4_VED m7_HAVE pqwhoBE_2_NS ps_1_ADJ twhether_1_4 uin_the_NUMX uto_a_N
uturn_it_PART vmy_table vthe_doctor vthe_past vthe_twenty-first vuses_both vwhat_happened w1492 wappointment
weleven wfactorial wfifth wfractions winfinitive wleft wlong wme wpay wsymbolise wtrain wwhose xBE_correct
xNUM_factorial xNUM_squared xN_symbolise xN_x xVT_both xVT_whose xWH_happened yi_BE ynothing_VI
+1.2 bLET_NUM bMOD_PREP bN_ADJ bTO_ONE bYOU_NS cBE_YOU_PART cDAY_ART_ORD cMOD_VT_PART cPREP_CONJ_PREP
cVI_NUM_NS cWH_BE_DEM c^_PREP_N dDO_ART_NS_N dLET_TO_ART_ORD dSUB_MOD_VT_PART dVT_WH_YOU_BE d^_WH_BE_DEM
d^_^_PREP_N ehow_0_N ethat_1_YOU ewhat_2_DO flet's_2 fnot_3 fthere's_3 ganna_N glet's_PART gwhich_VED
hwhat_are_PREP ibecause_of_4 ijust_the_3 kqMOD_1_2 kqhowBE_1_0 m2_DEM tWH_0_3 useven_times_NUM uwrote_the_N
vlog_in vmade_of vthe_king vthe_renaissance w18 wamerica wbill wdie werupt wletter wmatter wmean wnow wparis
wprice wsubjunctive xART_doctor xART_renaissance xCON_open xNS_erupt xN_begin xN_fly xVI_through yis_N yit_NS
yto_ONE
+1.3 bBE_YOU bNOT_N bVT_SOME dNUM_OP_PREP_NUM dN_CONJ_ART_N dWH_BE_N_VING fadd_4 fanna_2 fgo_2 fit's_3
fwhich_5 fwhy_7 fwill_4 gbecause_N gi_DEM gturn_PART gwhere_PREP hthe_app_N hwhat_is_ADJ ii'm_having_5 m2_ORD
nqBE_1_SUB o3_N tthat_0_4 udid_japan_N vat_three vstill_on wchristian wdifficult wdunkirk wearlier wexplode
wlucy wrule wsee wsorry wworking xBE_open xDO_work yjapan_N ykeeps_VING ymade_PREP ystill_PART
yunderstand_DEM ywith_CONJ
+1.4 bNUMX_NUM bYOU_PART cBE_N_PART cYOU_VT_NUM dBE_NUM_OP_NUM d^_PREP_N_N fis_7 fit_3 ghe_VT gnine_NUM
gtwenty_NUM gwhen_VI iwhat_about_3 iwhat_should_4 iwho_invented_3 o2_DAY pqBE_3_NUM pqwhatDO_3_PART uis_a_ADJ
vmy_language wforeshadowing wmay wno wspeed wsure wthanks xART_king xMOD_of yabout_DEM yabout_YOU yyour_N
+1.5 aDAY bDAY_ADJ bPREP_OBJ cTO_VT_YOU dSUB_BE_ART_N ewhat_2_VT ewhom_0_WH fi_2 fx_3 gexplain_NS gi_NS
hi_forgot_VT hi_need_VI idid_the_4 ido_i_5 iis_that_3 ns_2_OBJ pqDO_1_PREP pqwhoBE_3_ORD wapartheid wbooking
wcubed wstart wtoday wtwenty-first wwait wwhom xNUM_people xNUM_prime xN_about xVT_so ylog_PART ypeter_N
ysign_PART
+1.6 c^_N_PART d^_^_N_PART gcould_PART gi_DAY gwe_N hcould_you_PART hit_doesn't_VT udoes_it_VT wlike wmorning
wsquared xN_move xOP_four yequals_NUM yfor_LET
+1.7 bCONJ_PREP bPART_CONJ bPREP_YOU fbecause_4 fjust_3 m4_DAY uon_the_N vcall_me wcollapse wokay worder
wplease wpower wtomorrow ycall_OBJ
+1.8 bPREP_LET d^_NS_CONJ_NS ewho_1_BE flet's_3 fwhat's_7 poBE_3_N rsub_0_NUM wback xBE_four ywon't_VT
+1.9 ewhat_1_VT w6:15 warrived wopen
+2 glet_VT wdown wpaid
+2.1 bADV_ADJ gwho_TO
+2.2 wwon
+2.3 wup wworks
+2.4 ewhat_1_BE wbegin
+2.5 fthat's_2 wcorrect
+3 dVI_ART_N_PART
"""


def _weights() -> dict[str, float]:
    weights, weight = {}, 0.0
    for item in _TABLE.split():
        if item[0] in "+-":
            weight = float(item)
        else:
            weights[item] = weight
    return weights


WEIGHTS = _weights()
