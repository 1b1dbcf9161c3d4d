/* standing.h - what people want of a campaign: never part of its results, only of when they come. */
#ifndef VITRINE_SERVER_CORE_STANDING_H
#define VITRINE_SERVER_CORE_STANDING_H

enum campaign_standing {
    CAMPAIGN_RUNNING,
    CAMPAIGN_PAUSED,    /* nothing more of it is granted; what runs is finished and stored */
    CAMPAIGN_CANCELLED, /* nor that, and nobody waits for it */
};

#endif
