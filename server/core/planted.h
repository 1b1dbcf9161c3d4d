/* planted.h - bugs put in on purpose, to prove that the simulator finds such bugs (RELIABILITY section 7).
 *
 * In the product PLANTED(...) is the constant 0 and the compiler removes the branch. The simulator links a second build
 * of this folder, made with -DVITRINE_PLANTED, in which one bug at a time may be switched on. */
#ifndef VITRINE_SERVER_CORE_PLANTED_H
#define VITRINE_SERVER_CORE_PLANTED_H

#define PLANTED_BUGS(BUG)                                                                                              \
    BUG(ACK_BEFORE_COMMIT, "a result is acknowledged before it is durable")                                            \
    BUG(EXCHANGE_BY_ARRIVAL, "the exchange's uniform depends on which partner came first")                             \
    BUG(EXCHANGE_ONE_PARTNER, "an exchange is decided with the partner's segment before")                              \
    BUG(EXCHANGE_FORGOTTEN, "an exchange that was not stored before a crash is not decided again")                     \
    BUG(SWAP_BEFORE_STORED, "partners go on before their exchange is durable")                                         \
    BUG(NO_INPUT_CHECK, "a result is stored whatever its input digest")                                                \
    BUG(NO_SEGMENT_CHECK, "a result for an earlier segment is stored as the next one")                                 \
    BUG(NO_LINEAGE_CHECK, "results of another database are stored")                                                    \
    BUG(SECOND_RESULT_STORED, "a second result is stored while the first is being made durable")                       \
    BUG(DIFFERENT_IS_DUPLICATE, "a different second result is acknowledged without an alarm")                          \
    BUG(EPOCH_IGNORED, "tokens start at the same number after every restart")                                          \
    BUG(TOKEN_REUSED, "a lease that is granted again keeps its token")                                                 \
    BUG(ADOPT_TWICE, "a lease is adopted though another worker has it")                                                \
    BUG(EXPIRY_IGNORED, "a dead worker's lease never ends")                                                            \
    BUG(AUDIT_SKIPPED, "nothing is audited")                                                                           \
    BUG(AUDIT_FORGOTTEN, "audits that were open before a restart are not taken up again")                              \
    BUG(AUDIT_ALWAYS_PASSES, "what an audit finds is not compared")                                                    \
    BUG(AUDIT_BY_ITSELF, "a worker audits itself though there are others")                                             \
    BUG(AUDIT_WINDOW_IGNORED, "replicas run on however far back an audit is open")                                     \
    BUG(LIAR_STAYS, "a worker that is not trusted any more keeps its session")                                         \
    BUG(STALL_WATCHED, "a lease that does not move is renewed for ever")                                               \
    BUG(STUCK_SERVED, "a worker that does not get on with anything is given more and more")                            \
    BUG(HEDGE_WITH_ITSELF, "the worker that does not get on with a segment gets the second lease too")                 \
    BUG(LOST_KEEPS_LEASES, "a worker whose connection is gone keeps its leases")                                       \
    BUG(STALL_EXPIRES, "a stall of the coordinator itself costs the workers their leases")                             \
    BUG(RETURN_IGNORED, "a returned lease is neither ended nor granted again")                                         \
    BUG(RUNG_NOT_SWAPPED, "an accepted exchange swaps the map but not the replica's rung")                             \
    BUG(FAILURE_LOOPS, "a segment that fails on every host is granted for ever")                                       \
    BUG(REFUSED_FORGOTTEN, "a result that the full disk refused is neither retried nor granted again")                 \
    BUG(ISOTHERM_EXCHANGED, "isotherms take part in exchanges")                                                        \
    BUG(CREDITS_IGNORED, "more leases are granted than a worker wants")                                                \
    BUG(PAUSE_IGNORED, "a paused campaign is granted")                                                                 \
    BUG(CANCEL_KEEPS_LEASES, "a cancelled campaign keeps its leases")                                                  \
    BUG(TRUST_IGNORED, "a quarantine that was lifted goes on")                                                         \
    BUG(REVOKED_STAYS, "the workers of a revoked host keep their sessions")

enum planted_bug {
    PLANT_NONE,
#define BUG(name, what) PLANT_##name,
    PLANTED_BUGS(BUG)
#undef BUG
        PLANT_COUNT
};

#ifdef VITRINE_PLANTED
extern enum planted_bug planted_bug; /* of the simulator */
#define PLANTED(name) (planted_bug == PLANT_##name)
#else
#define PLANTED(name) 0
#endif

#endif
